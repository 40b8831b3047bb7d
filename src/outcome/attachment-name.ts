const storedPattern = /^(?:\.\/)?(?:attachments\/)?([\w-][\w.-]*)$/;

/**
 * The file name of an attachment that was stored beside its messages, from the message's `url`: `attachments/<name>`, or
 * `./<name>` as cucumber itself writes it. Undefined for any other address: it leads somewhere else.
 */
export const attachmentName = (url: string | undefined): string | undefined => storedPattern.exec(url ?? '')?.[1];
