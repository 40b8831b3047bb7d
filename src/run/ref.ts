/** Whether a git ref fits one of the patterns of `coldframe.yml`; `*` stands for anything but a slash. */
export function refMatches(ref: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const source = pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*');
    return new RegExp(`^${source}$`).test(ref);
  });
}
