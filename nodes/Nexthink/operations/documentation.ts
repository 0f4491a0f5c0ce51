const DOCUMENTATION = 'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink/blob/main/docs';

/** A link from the editor to a page of the documentation, as HTML. */
export function linkTo(page: string, words: string): string {
	return `<a href="${DOCUMENTATION}/${page}" target="_blank">${words}</a>`;
}

/** What the editor says where a UID is needed. */
export const WHICH_UID = `Normally device.uid, not device.collector.uid. ${linkTo('verify-uid.md', 'Prove it')} on one device.`;
