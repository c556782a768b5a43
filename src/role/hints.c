#include "src/role/hints.h"

#include <stdlib.h>
#include <string.h>

struct pool_list pool_list_copy(const struct pool_member *v, size_t n, uint64_t max)
{
	/* One place more: a newcomer is put before the last one leaves. */
	struct pool_list p = {xrealloc_array(NULL, n + 1, sizeof(*v)), n, max};

	if (n)
		memcpy(p.v, v, n * sizeof(*v));
	return p;
}

void pool_list_clear(struct pool_list *p)
{
	free(p->v);
	*p = (struct pool_list){0};
}

size_t pool_list_rank(const struct pool_list *p, struct eth_addr who)
{
	for (size_t i = 0; i < p->n; i++)
		if (addr_eq(p->v[i].addr, who))
			return i + 1;
	return 0;
}

void pool_list_remove(struct pool_list *p, struct eth_addr who)
{
	size_t rank = pool_list_rank(p, who);

	if (!rank)
		return;
	memmove(&p->v[rank - 1], &p->v[rank], (p->n - rank) * sizeof(*p->v));
	p->n--;
}

struct pool_hints pool_list_put(struct pool_list *p, struct eth_addr who, struct lpt stake)
{
	struct pool_hints hints = {0};
	bool joins = !pool_list_rank(p, who);
	size_t at = 0;

	pool_list_remove(p, who);
	while (at < p->n && lpt_cmp(p->v[at].stake, stake) >= 0)
		at++;
	if (joins && p->n >= p->max) {
		/* A full pool takes only who has more than its last. */
		if (at == p->n)
			return hints;
		p->n--;
	}
	p->v = xrealloc_array(p->v, p->n + 1, sizeof(*p->v));
	memmove(&p->v[at + 1], &p->v[at], (p->n - at) * sizeof(*p->v));
	p->v[at] = (struct pool_member){who, stake};
	p->n++;
	if (at > 0)
		hints.prev = p->v[at - 1].addr;
	if (at + 1 < p->n)
		hints.next = p->v[at + 1].addr;
	return hints;
}
