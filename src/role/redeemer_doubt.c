/* An endpoint may lie once: what would give a ticket up is believed when it is
 * said twice. Runs on the redeemer. */
#include <stdlib.h>

#include "src/role/redeemer_private.h"

static struct doubt **find_doubt(struct redeemer *r, int64_t ticket)
{
	struct doubt **d = &r->doubts;

	while (*d && (*d)->ticket != ticket)
		d = &(*d)->next;
	return d;
}

void redeemer_clear_doubt(struct redeemer *r, int64_t ticket)
{
	struct doubt **d = find_doubt(r, ticket), *gone = *d;

	if (gone) {
		*d = gone->next;
		free(gone);
	}
}

bool redeemer_is_certain(struct redeemer *r, int64_t ticket)
{
	struct doubt **d = find_doubt(r, ticket);

	if (*d)
		return (*d)->at.v != r->facts.head.v;
	*d = XNEW(struct doubt);
	(*d)->ticket = ticket;
	(*d)->at = r->facts.head;
	return false;
}
