// Every way in which the service says no, with the message ids of real servers where one was ever seen, and ids of our own
// under `shelver.simulator.` where none was.
import type { ServiceMessage } from '../../../machines/vocabulary.ts';
import { INVALID_STATE_REASON, Refusal, type WireError, wireError } from '../../wire/errors.ts';

const REAL = 'com.vmware.vdcs.cls-main';
const OWN = 'shelver.simulator';

export function invalid(what: string, text: string, ...args: string[]): Refusal {
  return new Refusal(wireError('INVALID_ARGUMENT', `${OWN}.${what}`, text, ...args));
}

export function notFound(what: string, id: string): Refusal {
  return new Refusal(wireError('NOT_FOUND', `${OWN}.not_found`, `There is no ${what} ${id}.`, what, id));
}

export function noSuchFile(name: string, where = 'update session'): Refusal {
  return invalid('no_such_file', `There is no file ${name} in the ${where}.`, name);
}

export function subscribed(library: string): Refusal {
  return new Refusal(
    wireError(
      'INVALID_ELEMENT_TYPE',
      `${OWN}.subscribed_library`,
      `The library ${library} is subscribed: its content comes from its publisher.`,
      library
    )
  );
}

/** What a virtual machine template is made of lies with the virtual machines: it is not uploaded (hashicorp/packer#12622). */
export function holdsTemplate(item: string): Refusal {
  const text = `Update session creation is not supported for library item ${item} because it contains a virtual machine template.`;
  return new Refusal(wireError('INVALID_ELEMENT_TYPE', `${OWN}.item_holds_vm_template`, text, item));
}

/** The operation is of libraries of the other kind. */
export function otherKind(library: string, type: string): Refusal {
  const text = `The library ${library} is ${type}: this operation is not for its kind.`;
  return new Refusal(wireError('INVALID_ELEMENT_TYPE', `${OWN}.other_kind_of_library`, text, library, type));
}

/** An update names the version that it was made for, and that is not the one of now. */
export function concurrentChange(what: string, version: string, given: string): Refusal {
  const text = `The ${what} is of version ${version} by now, not ${given}.`;
  return new Refusal(wireError('CONCURRENT_CHANGE', `${OWN}.version_has_changed`, text, what, version, given));
}

export function duplicateItem(item: string, library: string, libraryId: string): Refusal {
  return new Refusal(
    wireError(
      'ALREADY_EXISTS',
      `${REAL}.duplicate_item_name_unsupported_in_library`,
      `There is an item named ${item} in the library ${library} (${libraryId}) already.`,
      item,
      library,
      libraryId
    )
  );
}

export function busy(item: string, session: string): Refusal {
  return new Refusal(
    wireError(
      'RESOURCE_BUSY',
      `${OWN}.another_update_session`,
      `Another update session (${session}) is open on the item ${item}.`,
      item,
      session
    )
  );
}

export function tooMany(what: string, limit: number): Refusal {
  return new Refusal(
    wireError(
      'UNABLE_TO_ALLOCATE_RESOURCE',
      `${OWN}.too_many`,
      `There are ${limit} ${what} already, which is the most.`,
      what,
      String(limit)
    )
  );
}

export function unsupported(text: string): Refusal {
  return new Refusal(wireError('UNSUPPORTED', `${OWN}.unsupported`, text));
}

export function unauthorized(privilege: string): Refusal {
  return new Refusal(
    wireError('UNAUTHORIZED', `${OWN}.privilege_missing`, `This needs the privilege ${privilege}.`, privilege)
  );
}

export function itemInUse(item: string): Refusal {
  return new Refusal(notAllowed(`${OWN}.item_in_use`, `A session is open on the item ${item}.`, item));
}

function notAllowed(id: string, text: string, ...args: string[]): WireError {
  return wireError('NOT_ALLOWED_IN_CURRENT_STATE', id, text, ...args);
}

/** The state of a session or file has no place for this. */
export function wrongState(operation: string, state: string, reason: string): WireError {
  const because = reason === '' ? '' : ` (${reason})`;
  return notAllowed(
    `${OWN}.operation_in_wrong_state`,
    `The operation ${operation} is not allowed in the state ${state}${because}.`,
    operation,
    state,
    reason
  );
}

/** The same for an update session that is in ERROR for a reason, as real servers say it (vmware/govmomi#3319). */
export function wrongStateFor(operation: string, state: string, reason: string): WireError {
  return notAllowed(
    INVALID_STATE_REASON,
    `The operation ${operation} can not be invoked when the import session is in the ${state} state. Reason: ${reason}`,
    operation,
    state,
    reason
  );
}

/** A status as the real service prints it in this message. */
export function fileNotReceived(name: string, status: string): WireError {
  const printed = status === 'WAITING_FOR_TRANSFER' ? 'WAITING' : status;
  return notAllowed(
    `${REAL}.update_session_file_not_received`,
    `The file ${name} has transfer errors or is not fully received (status: ${printed}).`,
    name,
    printed
  );
}

export function missingOrInvalidFiles(missing: readonly string[], invalid: readonly string[]): WireError {
  return notAllowed(
    `${REAL}.update_session_has_missing_or_invalid_files`,
    `The update session has missing or invalid files (missing: ${missing.join(', ')}; invalid: ${invalid.join(', ')}).`,
    missing.join(', '),
    invalid.join(', ')
  );
}

export function backingGone(library: string, libraryId: string): WireError {
  return notAllowed(
    `${REAL}.invalid_library_backing_does_not_exist`,
    `The storage of the library ${library} (${libraryId}) does not exist.`,
    library,
    libraryId
  );
}

export function manifestAfterDescriptor(name: string): WireError {
  return notAllowed(
    `${OWN}.manifest_after_descriptor`,
    `The file ${name} has to be added before the OVF descriptor.`,
    name
  );
}

export function warningNotIgnored(types: readonly string[]): WireError {
  return notAllowed(
    `${OWN}.warning_not_ignored`,
    `The content has warnings that are not ignored: ${types.join(', ')}.`,
    ...types
  );
}

/** Why a session or file is in ERROR. */
export function message(what: string, text: string, ...args: string[]): ServiceMessage {
  return { id: `${OWN}.${what}`, default_message: text, args };
}
