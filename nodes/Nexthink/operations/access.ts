import type { IExecuteFunctions } from 'n8n-workflow';

import { hostsOf, type Hosts } from '../api/hosts';
import { CREDENTIAL_TYPE } from '../api/send';
import { UnusableSetting } from './settings';

/** What the credential says of the way to Nexthink. */
export interface Access {
	hosts: Hosts;
}

/** Throws as n8n does where there is no credential. */
export async function readAccess(context: IExecuteFunctions): Promise<Access | UnusableSetting> {
	const credential = await context.getCredentials(CREDENTIAL_TYPE);
	const hosts = hostsOf(credential);
	return 'refused' in hosts
		? new UnusableSetting(`The credential cannot be used: ${hosts.refused}.`)
		: { hosts };
}
