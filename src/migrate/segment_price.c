#include "src/migrate/segment_price.h"

#include <string.h>

#define ID_DIGITS 8	 /* of a preset in transcodeOptions */
#define FPS_ASSUMED 30	 /* where a rate follows the source, as in ladder_cost.h */

/* --- a job's profiles --- */

static const struct preset *preset_of_id(const char *hex)
{
	char digits[ID_DIGITS + 1];
	const struct preset *p;
	uint8_t id[4];

	memcpy(digits, hex, ID_DIGITS);
	digits[ID_DIGITS] = '\0';
	if (!hex_decode(id, sizeof(id), digits))
		return NULL;
	for (size_t i = 0; (p = preset_at(i)); i++)
		if (memcmp(p->id, id, sizeof(id)) == 0)
			return p;
	return NULL;
}

static struct err *no_preset(const char *text, size_t n)
{
	struct str shown = STR_INIT;
	struct err *e;

	str_add_safe(&shown, text, n, ID_DIGITS);
	e = err_new(ERR_INVALID, "transcoding options: \"%s\" is no profile's id",
		str_cstr(&shown));
	str_clear(&shown);
	return e;
}

struct err *alpha_options_parse(struct ladder *out, const char *options)
{
	size_t left = strlen(options);

	*out = (struct ladder){ .n = 0 };
	if (!left)
		return err_new(ERR_INVALID, "transcoding options: there are none");
	for (; left; left -= ID_DIGITS, options += ID_DIGITS) {
		const struct preset *p = left < ID_DIGITS ? NULL : preset_of_id(options);

		if (!p)
			return no_preset(options, left < ID_DIGITS ? left : ID_DIGITS);
		if (out->n == LADDER_MAX)
			return err_new(ERR_LIMIT, "transcoding options: more than %d profiles",
				LADDER_MAX);
		out->r[out->n++] = p->rendition;
	}
	return NULL;
}

/* --- the arithmetic --- */

static uint64_t pixels_of(const struct rendition *r, struct segment_price *out)
{
	uint64_t fps = r->fps ? r->fps : FPS_ASSUMED;
	uint64_t den = r->fps && r->fps_den ? r->fps_den : 1;
	uint64_t all = (uint64_t)r->width * (uint64_t)r->height * fps * ALPHA_SEGMENT_S;
	uint64_t pixels = all / den + (all % den != 0);
	struct str *s = &out->arithmetic;

	str_printf(s, "%s: %d x %d x %llu", r->name, r->width, r->height,
		(unsigned long long)fps);
	if (den > 1)
		str_printf(s, "/%llu", (unsigned long long)den);
	str_printf(s, " frames/s x %d s = %llu pixels", ALPHA_SEGMENT_S,
		(unsigned long long)pixels);
	if (all % den)
		str_add(s, ", rounded up");
	if (!r->fps)
		str_add(s, "; its rate follows the source, and is taken as 30");
	str_addc(s, '\n');
	return pixels;
}

static void add_wei(struct str *s, struct wei a)
{
	u256_fmt(s, a.v); /* raw: shown for people to check */
	str_add(s, " wei");
}

/* As a decimal, cut after six places; a fraction has the rest. */
static void add_decimal(struct str *s, struct price p)
{
	struct u256 millionths, wei, rest;
	uint64_t places;

	if (!u256_mul_div(&millionths, p.per.v, u256_from(1000000), u256_from(p.unit.v)))
		return;
	wei = u256_div(millionths, u256_from(1000000), &rest);
	if (!u256_to_u64(&places, rest))
		return;
	str_add(s, " = ");
	u256_fmt(s, wei);
	str_printf(s, ".%06llu.. wei a pixel", (unsigned long long)places);
}

static void add_sum(struct segment_price *out, struct wei each, size_t profiles,
	struct wei segment)
{
	struct str *s = &out->arithmetic;

	str_printf(s, "a segment: %llu pixels\n", (unsigned long long)out->pixels.v);
	add_wei(s, each);
	str_printf(s, " a profile x %zu profiles = ", profiles);
	add_wei(s, segment);
	str_add(s, " a segment\n");
	add_wei(s, segment);
	str_printf(s, " / %llu pixels = ", (unsigned long long)out->pixels.v);
	u256_fmt(s, out->exact.per.v); /* raw: a fraction for people */
	str_printf(s, "/%llu", (unsigned long long)out->exact.unit.v);
	add_decimal(s, out->exact);
	str_addc(s, '\n');
}

/* Whatever does not fit into the wire's two int64 loses its last bits, down. */
static struct err *round_down(struct segment_price *out)
{
	struct u256 per, unit = u256_from(out->exact.unit.v);
	unsigned bits = u256_bits(out->exact.per.v);
	uint64_t small = bits - 62 > 63 ? 0 : out->exact.unit.v >> (bits - 62);
	int64_t a, b;

	out->wire.unit.v = small ? small : 1;
	if (!u256_mul_div(&per, out->exact.per.v, u256_from(out->wire.unit.v), unit))
		return err_new(ERR_LIMIT, "that is no price: over 2^63 wei for a pixel");
	out->wire.per.v = per;
	if (!price_to_wire(&a, &b, out->wire))
		return err_new(ERR_LIMIT, "that is no price: over 2^63 wei for a pixel");
	str_add(&out->arithmetic, "rounded down to ");
	u256_fmt(&out->arithmetic, per);
	str_printf(&out->arithmetic, "/%llu: a price's two numbers have 63 bits\n",
		(unsigned long long)out->wire.unit.v);
	return NULL;
}

static struct err *convert(struct wei per_segment, const struct ladder *l,
	struct segment_price *out)
{
	struct wei segment;
	int64_t a, b;

	for (size_t i = 0; i < l->n; i++)
		out->pixels.v += pixels_of(&l->r[i], out);
	if (!out->pixels.v)
		return err_new(ERR_INVALID, "no renditions, no pixels: a price per pixel has "
			"nothing to go by");
	if (!wei_mul(&segment, per_segment, l->n) ||
		!price_of_ratio(&out->exact, segment.v, u256_from(out->pixels.v)))
		return err_new(ERR_LIMIT, "that is no price");
	add_sum(out, per_segment, l->n, segment);
	out->wire = out->exact;
	out->rounded = !price_to_wire(&a, &b, out->exact);
	return out->rounded ? round_down(out) : NULL;
}

struct err *segment_price_convert(struct wei per_segment, const struct ladder *l,
	struct segment_price *out)
{
	struct err *e;

	*out = (struct segment_price){ .exact = PRICE_FREE, .wire = PRICE_FREE };
	e = convert(per_segment, l, out);
	if (e)
		segment_price_clear(out);
	return e;
}

void segment_price_clear(struct segment_price *p)
{
	str_clear(&p->arithmetic);
}
