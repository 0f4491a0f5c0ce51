import { FORM_LOGIN, WEBHOOK_KEY } from '../harness/examples.mts';
import { OWNER } from '../harness/server.mts';
import {
	FEATURE_OFF_CREDENTIAL,
	GOOD_CREDENTIAL,
	WRONG_SECRET_CREDENTIAL,
	type LookRound,
} from './look-round.mts';

/** What a person at the terminal needs to know. */
export function introduction({ origin, examples, tenant, sources }: LookRound): string {
	return `
n8n is ready:  ${origin}
  Email        ${OWNER.email}
  Password     ${OWNER.password}

Forms of the workflows (Basic Auth) ask for:
  User         ${FORM_LOGIN.user}
  Password     ${FORM_LOGIN.password}
Calls of the webhook carry the header:
  ${WEBHOOK_KEY.name}: ${WEBHOOK_KEY.value}

What to try:
  1. Open a workflow and press "Execute workflow":
${examples.map((name) => `       ${name}`).join('\n')}
  2. Open its Nexthink node and choose another credential, to see how a refusal looks:
       ${GOOD_CREDENTIAL}
       ${FEATURE_OFF_CREDENTIAL}
       ${WRONG_SECRET_CREDENTIAL}
  3. Set On Error in the node's settings, and see what each choice makes of that refusal.
  4. Start an empty workflow and look for "nexthink", "delete device" or "decommission".
  5. Add an AI Agent and give it the node as a tool.
  6. Make a credential of your own for the simulated tenant:
       Region         Custom
       API Base URL   ${tenant?.apiBaseUrl}
       Token URL      ${tenant?.tokenUrl}
       Client ID      ${tenant?.clientId}
       Client Secret  ${tenant?.clientSecret}
     With the NQL API permission alone, its Client ID is ${tenant?.reading.clientId};
     with Data management alone, ${tenant?.deleting.clientId}. The secret is the same.
  7. Prove on one device, such as ${tenant?.knownDevices[1]?.name}: the tenant removes a device a minute after it has queued it.
     ${tenant?.knownDevices[0]?.name} was seen a minute ago, which stops the proof.

${
	sources === undefined
		? ''
		: `Changes of source files in ${sources} are compiled: reload the page then.
`
}Every request to the simulated tenant is shown below. Ctrl-C ends it all.
`;
}
