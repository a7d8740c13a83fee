import { expect, it } from 'vitest';
import {
  familyHead,
  negotiate,
  seriesText,
  valueText,
} from '../../src/runtime/exposition-format.ts';

const PROMETHEUS_2_42 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1';

it.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
  ['text/plain;version=0.0.4', 'text'],
  [PROMETHEUS_2_42, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5', 'openmetrics'],
  ['application/openmetrics-text', 'openmetrics'],
  ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['application/openmetrics-text;version=1.0.0;q=0', 'text'],
  ['application/openmetrics-text;q=0.3,text/plain;q=0.7', 'text'],
  ['application/openmetrics-text;q=0.7,text/*;q=0.3', 'openmetrics'],
  ['application/openmetrics-text;q=much', 'text'],
])('answers a reader that accepts %s in %s', (accept, format) => {
  expect(negotiate(accept)).toBe(format);
});

it.each([
  [0, '0'],
  [-0, '0'],
  [1e21, '1e+21'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1_789_000_000.123, '1789000000.123'],
  [NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
])('writes %s as %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});

it('escapes backslash, quote and line feed in what a label says', () => {
  expect(seriesText('a', [['path', 'C:\\n "x"\nb']])).toBe('a{path="C:\\\\n \\"x\\"\\nb"} ');
});

it('leaves a label out that has no value, and the braces when there is none', () => {
  expect(seriesText('a', [['node', undefined]])).toBe('a ');
});

it('escapes the quote of a help only where the format wants it', () => {
  const family = { name: 'a_total', help: 'of "x"\\\n', kind: 'counter' };
  expect(familyHead(family, 'text')).toBe('# HELP a_total of "x"\\\\\\n\n# TYPE a_total counter\n');
  expect(familyHead(family, 'openmetrics')).toBe('# HELP a of \\"x\\"\\\\\\n\n# TYPE a counter\n');
});

it('takes the ending from the family of a counter only', () => {
  expect(familyHead({ name: 'a_total', help: 'b', kind: 'gauge' }, 'openmetrics')).toContain(
    'TYPE a_total gauge',
  );
});
