import type { EventOf, MonitorEvent } from '../core/event.ts';

type Handler<Event> = (event: Event) => void;

/**
 * Typed publish and subscribe between the monitor's stages. Delivery is immediate and in the order of
 * subscription; a handler that throws harms no other and is reported to `onError`.
 */
export class Bus {
  readonly #handlers = new Map<MonitorEvent['type'], Set<Handler<never>>>();
  readonly #onError: (error: unknown, event: MonitorEvent) => void;

  constructor(onError: (error: unknown, event: MonitorEvent) => void) {
    this.#onError = onError;
  }

  /** Returns what ends the subscription. */
  on<Type extends MonitorEvent['type']>(type: Type, handler: Handler<EventOf<Type>>): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => {
      handlers.delete(handler);
    };
  }

  publish(event: MonitorEvent): void {
    for (const handler of [...(this.#handlers.get(event.type) ?? [])]) {
      try {
        // A handler is stored under the type of the only events that it is given.
        (handler as Handler<MonitorEvent>)(event);
      } catch (error) {
        this.#onError(error, event);
      }
    }
  }
}
