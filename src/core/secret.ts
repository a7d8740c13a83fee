const hidden = new WeakMap<Secret, string>();

/**
 * A value that prints as `***` wherever it might leak: string conversion, JSON, `util.inspect`, logs.
 * The text is kept outside of the object, so that not even a deep copy or a debugger's dump shows it.
 */
export class Secret {
  constructor(text: string) {
    hidden.set(this, text);
  }

  /** The text itself. Call it only at the moment of handing it to the protocol. */
  reveal(): string {
    return hidden.get(this) ?? '';
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}
