import { printable } from '../core/printable.ts';
import { CommandError } from '../runtime/alert-commands.ts';
import { explainView, type ExplainView } from '../runtime/explain.ts';
import { explanationLines } from './alert-lines.ts';
import { UsageError } from './exit.ts';
import { answered } from './stored.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly most?: string;
  readonly json?: boolean;
}

/** `maasha explain WHAT`: why it was told, held, folded or not told. */
export async function explain(what: string, options: Options): Promise<void> {
  const most = Number(options.most ?? 50);
  if (!Number.isInteger(most) || most < 1 || most > 1000)
    throw new UsageError(
      `--most ${printable(options.most ?? '')}: expected a number from 1 to 1000`,
    );
  const region = options.region === undefined ? {} : { region: options.region };
  const query = new URLSearchParams({ what, most: String(most), ...region });
  const view = await answered(
    options.config,
    `/api/explain?${query.toString()}`,
    (picture): ExplainView => inWords(() => explainView(picture, { what, most, ...region })),
  );
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(view, null, 2)}\n`
      : `${view.alerts.map((each) => explanationLines(each, view.at).join('\n')).join('\n\n')}\n`,
  );
}

function inWords<Value>(look: () => Value): Value {
  try {
    return look();
  } catch (error) {
    if (error instanceof CommandError) throw new UsageError(printable(error.message, 2000));
    throw error;
  }
}
