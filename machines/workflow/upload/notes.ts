// What an upload says in the report beside its outcome: what a reader would not expect.
import type { UploadContext } from '../upload-facts.ts';

/** Before 6.7 U1 a service says nothing of a certificate until it is too late to ask. */
export function notReviewedNotes({ input }: UploadContext): string[] {
  const signed = input.files.filter(({ role }) => role === 'certificate').map(({ name }) => name);
  if (signed.length === 0 || input.server.previews) return [];
  return [
    `${signed.join(', ')}: this server does not say what it makes of a certificate, so there was nothing to accept`
  ];
}

/** Somebody wanted it ended, and it is done. */
export function tooLateNotes({ wish, input }: UploadContext): string[] {
  if (wish === undefined || input.told === true) return [];
  return [`canceled too late (${wish}): complete had been sent, and took effect`];
}

export function notReadNotes({ input }: UploadContext): string[] {
  const pulled = input.files.filter(({ pull }) => pull === true).map(({ name }) => name);
  const unread = !input.hash && pulled.length < input.files.length;
  return [
    ...(unread ? ['the sources were not read: their manifest says that the item holds them'] : []),
    ...(pulled.length > 0 ? [`${pulled.join(', ')}: not fetched, the digest given says that the item holds it`] : [])
  ];
}
