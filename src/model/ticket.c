#include "src/model/ticket.h"

#include <stdlib.h>

void payment_clear(struct payment *p)
{
	free(p->tickets);
	*p = (struct payment){ 0 };
}

bool ticket_params_eq(const struct ticket_params *a, const struct ticket_params *b)
{
	return addr_eq(a->recipient, b->recipient) &&
	       wei_cmp(a->face_value, b->face_value) == 0 &&
	       u256_eq(a->win_prob.v, b->win_prob.v) &&
	       hash_eq(a->rand_hash, b->rand_hash) && u256_eq(a->seed, b->seed) &&
	       a->expiration.v == b->expiration.v &&
	       a->created.round.v == b->created.round.v &&
	       hash_eq(a->created.block_hash, b->created.block_hash);
}
