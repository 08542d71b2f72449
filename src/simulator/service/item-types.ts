// The types of items that the service has rules for (Type, vSphere API 8.0). Any other word is a type, too: its items are taken
// as they are.

/** Items of this type hold a virtual machine, and take no files. */
export const VM_TEMPLATE = 'vm-template';

export function listTypes(): readonly unknown[] {
  return TYPES.map(([type, name, description]) => ({ type, name, description, vendor: 'VMware, Inc', version: '1.0' }));
}

const TYPES = [
  ['ovf', 'OVF Template', 'A package of one or more virtual machines.'],
  ['iso', 'ISO Image', 'An image of an optical disc.'],
  [VM_TEMPLATE, 'VM Template', 'A virtual machine that is a template.']
] as const;
