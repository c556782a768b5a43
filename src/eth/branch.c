#include "src/eth/branch.h"

#include <stdlib.h>

struct branch {
	struct branch_block *ring;
	size_t depth, first, n;
};

struct branch *branch_new(size_t depth)
{
	struct branch *b = XNEW(struct branch);

	b->ring = xcalloc(depth, sizeof(*b->ring));
	b->depth = depth;
	return b;
}

static struct branch_block *slot(const struct branch *b, size_t i)
{
	return &b->ring[(b->first + i) % b->depth];
}

void branch_reset(struct branch *b)
{
	for (size_t i = 0; i < b->n; i++)
		eth_logs_free(slot(b, i)->logs, slot(b, i)->logs_n);
	b->first = 0;
	b->n = 0;
}

void branch_free(struct branch *b)
{
	if (!b)
		return;
	branch_reset(b);
	free(b->ring);
	free(b);
}

size_t branch_length(const struct branch *b)
{
	return b->n;
}

const struct block_header *branch_top(const struct branch *b)
{
	return b->n ? &slot(b, b->n - 1)->header : NULL;
}

const struct block_header *branch_bottom(const struct branch *b)
{
	return b->n ? &slot(b, 0)->header : NULL;
}

const struct block_header *branch_at(const struct branch *b, struct l2_block number)
{
	const struct block_header *bottom = branch_bottom(b);

	if (!bottom || number.v < bottom->number.v ||
		number.v >= bottom->number.v + (int64_t)b->n)
		return NULL;
	return &slot(b, (size_t)(number.v - bottom->number.v))->header;
}

bool branch_push(struct branch *b, const struct block_header *h,
	struct eth_log *logs, size_t logs_n)
{
	const struct block_header *top = branch_top(b);

	if (top && (h->number.v != top->number.v + 1 || !hash_eq(h->parent, top->hash)))
		return false;
	if (b->n == b->depth) {
		eth_logs_free(slot(b, 0)->logs, slot(b, 0)->logs_n);
		b->first = (b->first + 1) % b->depth;
		b->n--;
	}
	*slot(b, b->n++) = (struct branch_block){ *h, logs, logs_n };
	return true;
}

bool branch_pop(struct branch *b, struct branch_block *out)
{
	if (!b->n)
		return false;
	*out = *slot(b, --b->n);
	return true;
}

bool branch_common(const struct branch *b, const struct block_header *headers,
	size_t n, struct l2_block *out)
{
	while (n--) {
		const struct block_header *ours = branch_at(b, headers[n].number);

		if (ours && hash_eq(ours->hash, headers[n].hash)) {
			*out = ours->number;
			return true;
		}
	}
	return false;
}
