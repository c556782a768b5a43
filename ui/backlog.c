#include "ui/backlog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void backlog_clear(struct backlog *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->ring[(b->at + i) % BACKLOG_MAX].bytes);
	free(b->ring);
	*b = (struct backlog){0};
}

static void fold(char *to, const char *from)
{
	while ((*to++ = (char)tolower((unsigned char)*from++)))
		;
}

char *text_fold(const char *text)
{
	char *s = xstrdup(text);

	fold(s, text);
	return s;
}

static void fill(struct backlog_record *to, const struct journal_record *r)
{
	size_t a = strlen(r->name), b = strlen(r->text);
	char *bytes = xmalloc(2 * (a + b + 2));
	char *folded = bytes + a + b + 2;

	memcpy(bytes, r->name, a + 1);
	memcpy(bytes + a + 1, r->text, b + 1);
	fold(folded, r->name);
	fold(folded + a + 1, r->text);
	folded[a] = ' ';
	*to = (struct backlog_record){r->seq, r->wall_ms, r->level, 0,
		(uint32_t)(a + 1 + b), bytes, bytes, bytes + a + 1, folded};
}

void backlog_add(struct backlog *b, const struct journal_record *r)
{
	struct backlog_record *slot;
	uint64_t lost = r->seq - b->last_seq - 1;

	if (r->seq <= b->last_seq)
		return;
	if (!b->ring)
		b->ring = xcalloc(BACKLOG_MAX, sizeof(*b->ring));
	slot = &b->ring[(b->at + b->n) % BACKLOG_MAX];
	if (b->n == BACKLOG_MAX) {
		free(slot->bytes);
		b->at = (b->at + 1) % BACKLOG_MAX;
		b->n--;
	}
	fill(slot, r);
	/* What was lost before the first record ever is the ring's past. */
	if (b->n)
		slot->missing = lost > UINT32_MAX ? UINT32_MAX : (uint32_t)lost;
	b->n++;
	b->last_seq = r->seq;
}

const struct backlog_record *backlog_get(const struct backlog *b, size_t i)
{
	return &b->ring[(b->at + i) % BACKLOG_MAX];
}

size_t backlog_find(const struct backlog *b, uint64_t seq)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (backlog_get(b, mid)->seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool text_matches(const char *fold_text, size_t n, const char *alternatives)
{
	const char *p = alternatives;

	for (;;) {
		size_t len = strcspn(p, "|");

		if (len && memmem(fold_text, n, p, len))
			return true;
		p += len;
		if (!*p)
			break;
		p++;
	}
	/* A filter of nothing but bars holds nothing back. */
	return strspn(alternatives, "|") == strlen(alternatives);
}

bool backlog_matches(const struct backlog_record *r,
	const struct backlog_filter *f)
{
	return r->level >= f->least && (!f->text || !*f->text ||
		text_matches(r->fold, r->fold_len, f->text));
}
