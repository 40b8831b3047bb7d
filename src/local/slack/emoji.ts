import { readdirSync } from 'node:fs';

const known: Readonly<Record<string, string>> = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  negative_squared_cross_mark: '❎',
  warning: '⚠️',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  boom: '💥',
  fire: '🔥',
  bug: '🐛',
  skull: '💀',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  large_orange_circle: '🟠',
  large_blue_circle: '🔵',
  large_purple_circle: '🟣',
  red_circle: '🔴',
  white_circle: '⚪',
  black_circle: '⚫',
  large_green_square: '🟩',
  large_yellow_square: '🟨',
  large_red_square: '🟥',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  stopwatch: '⏱️',
  timer_clock: '⏲️',
  alarm_clock: '⏰',
  clock1: '🕐',
  arrows_counterclockwise: '🔄',
  repeat: '🔁',
  rocket: '🚀',
  gear: '⚙️',
  wrench: '🔧',
  link: '🔗',
  mag: '🔍',
  memo: '📝',
  page_facing_up: '📄',
  camera: '📷',
  bar_chart: '📊',
  chart_with_upwards_trend: '📈',
  information_source: 'ℹ️',
  electric_plug: '🔌',
  zap: '⚡',
  question: '❓',
  exclamation: '❗',
  bell: '🔔',
  speech_balloon: '💬',
  wave: '👋',
  eyes: '👀',
  thumbsup: '👍',
  '+1': '👍',
  thumbsdown: '👎',
  '-1': '👎',
  tada: '🎉',
  sparkles: '✨',
  snowflake: '❄️',
  ice_cube: '🧊',
  seedling: '🌱',
  lock: '🔒',
  key: '🔑',
  robot_face: '🤖',
  construction: '🚧',
  ghost: '👻',
  shrug: '🤷',
  double_vertical_bar: '⏸️',
  arrow_forward: '▶️',
  black_square_for_stop: '⏹️',
  fast_forward: '⏩',
  zzz: '💤',
};

/** An emoji by the name Slack gives it; one that we don't know stays `:name:`. */
export const emoji = (name: string): string => (Object.hasOwn(known, name) ? (known[name] ?? '') : `:${name}:`);

/** The name of an emoji that stands in a text; undefined for one that we don't know. */
export const emojiName = (sign: string): string | undefined => names.get(sign);

const names: ReadonlyMap<string, string> = new Map(Object.entries(known).map(([name, sign]) => [sign, name]));

/** The emoji that the page draws itself, so that they show on a machine without a font for them: page/emoji/NAME.svg. */
const drawn = new Set(readdirSync(new URL('page/emoji/', import.meta.url)).map((file) => file.replace('.svg', '')));

export const isDrawn = (name: string): boolean => drawn.has(name);
