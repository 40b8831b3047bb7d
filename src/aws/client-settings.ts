/** For calls a person waits for: an answer within two seconds, or another try, or an error. */
export const quickly = { maxAttempts: 3, requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true } };

/** For calls nobody watches: patient, but never longer than a function lives. */
export const patiently = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};
