// `shelver/simulator`: a content library service to test against, in process or over HTTP.
export type { Contents, HeldFile } from './contents.ts';
export { type Fault, type FaultKind, type Faults, parseFaults } from './faults.ts';
export type { Thumbprints } from './http/certificate.ts';
export type { Listening, ListenOptions } from './http/server.ts';
export type { SimulatedPorts } from './port.ts';
export type { PortOptions } from './port-client.ts';
export type { PullOptions } from './pull/options.ts';
export type { SeenRequest } from './request-log.ts';
export { seededRandom } from './seeded-random.ts';
export type { LibraryOption, SeedFile } from './service/initial-state.ts';
export type { Law } from './service/law.ts';
export type { Privilege } from './service/privileges.ts';
export type { Rules } from './service/rules.ts';
export type { ServiceState } from './service/state.ts';
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';
export type { RoleOptions, UserOption } from './users.ts';
export { type VirtualClock, virtualClock } from './virtual-clock.ts';
