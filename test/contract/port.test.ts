import { contract } from './contract.ts';
import { byPort } from './subjects.ts';

contract('the simulator by its port', { open: byPort('8.0'), gaps: {} });
