import { exitOnSignals } from './processes.mts';

exitOnSignals();
