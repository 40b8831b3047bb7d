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

/** Whether a text can be the name of a git ref, as `git check-ref-format` has it, and is read as nothing else by git. */
export function isGitRef(text: string): boolean {
  const isName = /^[^\s~^:?*[\\\p{Cc}]{1,200}$/u.test(text) && !/^[-+/.]|\.\.|\/\/|\/\.|@\{|[/.]$|\.lock(?:\/|$)/.test(text);
  return isName && text !== '@' && text !== 'HEAD';
}
