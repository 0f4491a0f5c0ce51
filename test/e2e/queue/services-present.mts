import { findPrograms } from './services.mts';

/** Fails before anything is started if Redis or PostgreSQL is missing. */
export default function setUp(): void {
	findPrograms();
}
