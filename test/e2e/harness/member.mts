import { change } from './database.mts';
import { RestClient } from './rest.mts';
import type { N8nServer } from './server.mts';

const MEMBER = {
	email: 'member@example.com',
	firstName: 'Mary',
	lastName: 'Member',
	password: 'Mary-Is-A-Member-1',
} as const;

/** Somebody who works in the owner's n8n and owns none of its credentials. */
export interface Member {
	/** Logged in. */
	readonly rest: RestClient;
	/** Lets the member use a credential, and no more than that. */
	lend(credentialId: string): Promise<void>;
}

/** Invites a member, who accepts. Once for each server. */
export async function inviteMember({ rest, origin, userFolder }: N8nServer): Promise<Member> {
	const invitations = [{ email: MEMBER.email, role: 'global:member' }];
	const [invited] = await rest.post<Array<{ user: { inviteAcceptUrl: string } }>>(
		'/invitations',
		invitations,
	);
	const { searchParams: said } = new URL(invited!.user.inviteAcceptUrl);
	const member = new RestClient(origin);
	// n8n 2 has a token in the address, n8n 1 the two users.
	if (said.has('token')) {
		await member.post('/invitations/accept', { token: said.get('token'), ...MEMBER });
	} else {
		const inviterId = said.get('inviterId');
		await member.post(`/invitations/${said.get('inviteeId')}/accept`, { inviterId, ...MEMBER });
	}
	const { email, password } = MEMBER;
	await member.post('/login', { emailOrLdapLoginId: email, email, password });
	const project = await member.get<{ id: string }>('/projects/personal');
	return {
		rest: member,
		// What n8n writes when an owner shares a credential, which takes a licence.
		lend: async (credentialId) =>
			await change(
				userFolder,
				"INSERT INTO shared_credentials (credentialsId, projectId, role) VALUES (?, ?, 'credential:user')",
				credentialId,
				project.id,
			),
	};
}
