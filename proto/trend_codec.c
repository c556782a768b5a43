#include "proto/trend_codec.h"

#include "proto/json_scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS 9
#define AMOUNTS 4
#define DEPTH 4
/* A day's sum of the largest stays in the type. */
#define NUMBER_MAX (INT64_C(1) << 53)
#define AMOUNT_BITS 160

static void numbers_of(const struct sample *s, int64_t v[static NUMBERS])
{
	const int64_t n[NUMBERS] = {s->slot, s->observed_ms, s->segments, s->failed,
		s->pixels, s->busy_ms, s->media_ms, s->session_ms, s->cpu_ms};

	memcpy(v, n, sizeof(n));
}

static void write_row(struct str *out, const struct sample *s)
{
	const struct wei amounts[AMOUNTS] = {s->earned, s->redeemed, s->gas, s->spent};
	int64_t v[NUMBERS];
	size_t n = NUMBERS + AMOUNTS;

	numbers_of(s, v);
	while (n > NUMBERS && wei_is_zero(amounts[n - NUMBERS - 1]))
		n--;
	while (n > 1 && n <= NUMBERS && !v[n - 1])
		n--;
	str_printf(out, "[%" PRId64, v[0]);
	for (size_t i = 1; i < n && i < NUMBERS; i++)
		str_printf(out, ",%" PRId64, v[i]);
	for (size_t i = NUMBERS; i < n; i++) {
		str_add(out, ",\"");
		u256_fmt(out, amounts[i - NUMBERS].v);
		str_addc(out, '"');
	}
	str_addc(out, ']');
}

static void write_rows(struct str *out, const struct trend *t, enum span s, int64_t after)
{
	bool first = true;

	for (size_t i = 0; i < t->ring[s].n; i++) {
		const struct sample *q = trend_at(t, s, i);

		if (q->slot <= after)
			continue;
		if (!first)
			str_addc(out, ',');
		write_row(out, q);
		first = false;
	}
}

void trend_write(struct str *out, const struct trend *t, int64_t after)
{
	bool follows = t->ring[SPAN_HOUR].n && after < trend_end(t) &&
		after >= trend_at(t, SPAN_HOUR, 0)->slot;

	str_add(out, follows ? "{\"fine\":[" : "{\"whole\":true,\"fine\":[");
	write_rows(out, t, SPAN_HOUR, follows ? after : -1);
	if (!follows) {
		str_add(out, "],\"coarse\":[");
		write_rows(out, t, SPAN_DAY, -1);
	}
	str_add(out, "]}");
}

static bool read_amount(struct json_scan *j, struct str *text, struct wei *out)
{
	if (!scan_text(j, text))
		return false;
	if (strchr(str_cstr(text), 'x') || !u256_parse(&out->v, str_cstr(text)) ||
		u256_bits(out->v) > AMOUNT_BITS)
		return scan_fault(j, "no amount of wei");
	return true;
}

static bool read_row(struct json_scan *j, struct str *text, struct sample *s)
{
	int64_t v[NUMBERS] = {0};
	struct wei amounts[AMOUNTS] = {WEI_ZERO};
	bool first = true;
	size_t n = 0;

	if (!scan_open(j, '['))
		return false;
	for (; scan_next(j, '[', &first); n++) {
		if (n >= NUMBERS + AMOUNTS)
			return scan_fault(j, "too many numbers in a row");
		if (n >= NUMBERS && !read_amount(j, text, &amounts[n - NUMBERS]))
			return false;
		if (n < NUMBERS && !scan_int(j, &v[n]))
			return false;
		if (n < NUMBERS && (v[n] < 0 || v[n] > NUMBER_MAX))
			return scan_fault(j, "a number out of range");
	}
	if (!n)
		return scan_fault(j, "an empty row");
	*s = (struct sample){v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8],
		amounts[0], amounts[1], amounts[2], amounts[3]};
	return !j->fault;
}

static void read_rows(struct json_scan *j, struct trend *t, enum span s, bool whole)
{
	struct str text = STR_INIT;
	struct sample sample;
	bool first = true, ok = scan_open(j, '[');

	while (ok && scan_next(j, '[', &first)) {
		ok = read_row(j, &text, &sample);
		if (ok && whole)
			trend_put(t, s, &sample);
		else if (ok)
			trend_add(t, &sample);
	}
	str_clear(&text);
}

static void read_member(struct json_scan *j, struct trend *t, const char *key, bool *whole)
{
	if (!strcmp(key, "whole")) {
		if (scan_bool(j, whole) && *whole)
			*t = (struct trend){.ring = {{0}}};
	} else if (!strcmp(key, "fine")) {
		read_rows(j, t, SPAN_HOUR, *whole);
	} else if (!strcmp(key, "coarse") && *whole) {
		read_rows(j, t, SPAN_DAY, true);
	} else {
		scan_skip(j);
	}
}

struct err *trend_read(struct trend *t, const char *json, size_t n)
{
	struct str key = STR_INIT;
	struct json_scan j;
	bool first = true, whole = false;
	struct err *e;

	json_scan_init(&j, json, n, DEPTH);
	if (scan_open(&j, '{'))
		while (scan_next(&j, '{', &first) && scan_key(&j, &key))
			read_member(&j, t, str_cstr(&key), &whole);
	scan_end(&j);
	str_clear(&key);
	e = err_wrap(scan_err(&j), "trend");
	if (e)
		*t = (struct trend){.ring = {{0}}};
	return e;
}
