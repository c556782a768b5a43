#include "proto/ctl_frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"

struct ctl_reader {
	struct str in;
	size_t at; /* bytes of `in` already given out */
	size_t max;
	bool broken;
};

static void put_u32(char *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const char *at)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | (uint8_t)at[i];
	return v;
}

struct ctl_reader *ctl_reader_new(size_t max)
{
	struct ctl_reader *r = XNEW(struct ctl_reader);

	r->max = max;
	return r;
}

void ctl_reader_free(struct ctl_reader *r)
{
	if (!r)
		return;
	str_clear(&r->in);
	free(r);
}

void ctl_reader_feed(struct ctl_reader *r, const void *bytes, size_t n)
{
	if (r->broken)
		return;
	if (r->at) {
		memmove(r->in.s, r->in.s + r->at, r->in.len - r->at);
		str_truncate(&r->in, r->in.len - r->at);
		r->at = 0;
	}
	str_addn(&r->in, bytes, n);
}

void ctl_reader_wipe(struct ctl_reader *r)
{
	if (r->at)
		secret_wipe(r->in.s, r->at);
}

struct err *ctl_reader_next(struct ctl_reader *r, struct ctl_frame *out,
	bool *got)
{
	size_t left = r->in.len - r->at, n;
	const char *head = str_cstr(&r->in) + r->at;
	uint8_t type;

	*out = (struct ctl_frame){0};
	*got = false;
	if (r->broken)
		return err_new(ERR_PROTOCOL, "console socket: out of step");
	if (left < CTL_HEADER)
		return NULL;
	n = get_u32(head);
	type = (uint8_t)head[4];
	if (n > r->max) {
		r->broken = true;
		return err_new(ERR_LIMIT,
			"console socket: frame of %zu bytes, at most %zu", n,
			r->max);
	}
	if (type < CTL_HELLO || type > CTL_SECRET) {
		r->broken = true;
		return err_new(ERR_PROTOCOL,
			"console socket: unknown frame type %u", type);
	}
	if (left - CTL_HEADER < n)
		return NULL;
	*out = (struct ctl_frame){type, head + CTL_HEADER, n};
	*got = true;
	r->at += CTL_HEADER + n;
	return NULL;
}

size_t ctl_frame_begin(struct str *out, enum ctl_type type)
{
	size_t begun = out->len;

	str_addn(out, (char[CTL_HEADER]){0, 0, 0, 0, (char)type}, CTL_HEADER);
	return begun;
}

void ctl_frame_end(struct str *out, size_t begun)
{
	size_t n = out->len - begun - CTL_HEADER;

	assert(n <= UINT32_MAX);
	put_u32(out->s + begun, (uint32_t)n);
}

void ctl_frame_write(struct str *out, enum ctl_type type, const void *payload,
	size_t n)
{
	size_t begun = ctl_frame_begin(out, type);

	str_addn(out, payload, n);
	ctl_frame_end(out, begun);
}
