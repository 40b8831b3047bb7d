/** Secrets to look for afterwards, where nobody should find them. */

/** Values with everything in them that an encoder touches. */
export const canaries = {
  APP_PASSWORD: 'kanarienvogel "grün" & <gelb>/+%\\',
  API_TOKEN: 'tok_Q7hGzlWk29XcVbNm',
  PRIVATE_KEY: '-----BEGIN CANARY KEY-----\nU2VocmdlaGVpbWVyWmVpc2ln\nTm9jaEdlaGVpbWVyZXJTcGF0eg\n-----END CANARY KEY-----\n',
};

/** Every way to read a text that may hold a secret. */
function readings(text: string): readonly string[] {
  const unescaped = text.replace(/\\+(["\\/])/g, '$1').replace(/\\+n/g, '\n');
  const decoded = text
    .replace(/\+/g, ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, (code) => Buffer.from(code.replaceAll('%', ''), 'hex').toString());
  const fromBase64 = (text.match(/[\w+/-]{8,}/g) ?? []).map((word) => Buffer.from(word, 'base64').toString());
  return [text, unescaped, decoded, ...fromBase64];
}

/** Words of the canaries that say too much. */
const words = ['kanarienvogel', 'gelb', 'tok_Q7h', 'Q7hGzlWk29XcVbNm', 'U2VocmdlaGVpbWVyWmVpc2ln', 'Tm9jaEdlaGVpbWVyZXJTcGF0eg', 'CANARY'];

/** The words of the canaries that a text tells, however it is written. */
export const toldIn = (text: string): readonly string[] => {
  const all = readings(text);
  return words.filter((word) => all.some((reading) => reading.includes(word)));
};
