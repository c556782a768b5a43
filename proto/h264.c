#include "proto/h264.h"

#include <stdlib.h>
#include <string.h>

#include "proto/bytes.h"

#define SIDE_MAX 16384u
#define MACROBLOCK 16u
#define FPS_MAX 1000

/* Bits of an RBSP; emulation prevention bytes are skipped on the way. Reading
 * past the end sets `over` and gives zeros, so that callers check once. */
struct bits {
	const uint8_t *p;
	size_t n, at; /* bytes */
	unsigned zeros, left;
	uint8_t byte;
	bool over;
};

static unsigned bit(struct bits *b)
{
	if (!b->left) {
		if (b->zeros >= 2 && b->at < b->n && b->p[b->at] == 3) {
			b->at++;
			b->zeros = 0;
		}
		if (b->at >= b->n) {
			b->over = true;
			return 0;
		}
		b->byte = b->p[b->at++];
		b->zeros = b->byte ? 0 : b->zeros + 1;
		b->left = 8;
	}
	return b->byte >> --b->left & 1;
}

static uint32_t bits(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 1 | bit(b);
	return v;
}

/* ue(v); at most 32 leading zeros exist in a valid stream. */
static uint32_t exp_golomb(struct bits *b)
{
	unsigned zeros = 0;

	while (!bit(b)) {
		if (++zeros > 31 || b->over) {
			b->over = true;
			return 0;
		}
	}
	return (uint32_t)((1u << zeros) - 1 + bits(b, zeros));
}

static int32_t signed_golomb(struct bits *b)
{
	uint32_t v = exp_golomb(b);

	return v & 1 ? (int32_t)(v / 2) + 1 : -(int32_t)(v / 2);
}

static void skip_scaling_list(struct bits *b, unsigned size)
{
	unsigned last = 8, next = 8;

	for (unsigned i = 0; i < size && !b->over; i++) {
		if (next)
			next = (last + (unsigned)signed_golomb(b)) & 0xff;
		last = next ? next : last;
	}
}

static bool has_chroma_format(uint32_t profile)
{
	static const uint8_t high[] = {
		100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};

	return memchr(high, (int)profile, sizeof(high));
}

/* Returns chroma_format_idc. */
static uint32_t skip_high_profile(struct bits *b)
{
	uint32_t chroma = exp_golomb(b);

	if (chroma > 3)
		b->over = true;
	if (chroma == 3 && bit(b))
		chroma = 0; /* separate planes crop as monochrome does */
	exp_golomb(b);
	exp_golomb(b);
	bit(b);
	if (bit(b)) {
		unsigned lists = chroma == 3 ? 12 : 8;

		for (unsigned i = 0; i < lists; i++) {
			if (bit(b))
				skip_scaling_list(b, i < 6 ? 16 : 64);
		}
	}
	return chroma;
}

static void skip_picture_order(struct bits *b)
{
	uint32_t type = exp_golomb(b);

	if (type == 0) {
		exp_golomb(b);
	} else if (type == 1) {
		bit(b);
		signed_golomb(b);
		signed_golomb(b);
		uint32_t cycle = exp_golomb(b);
		if (cycle > 255)
			b->over = true;
		while (cycle-- && !b->over)
			signed_golomb(b);
	} else if (type > 2) {
		b->over = true;
	}
}

static double vui_fps(struct bits *b)
{
	uint32_t tick, scale;
	double fps;

	if (bit(b) && bits(b, 8) == 255) /* aspect ratio, extended */
		bits(b, 32);
	if (bit(b)) /* overscan */
		bit(b);
	if (bit(b)) { /* video signal type */
		bits(b, 4);
		if (bit(b))
			bits(b, 24);
	}
	if (bit(b)) { /* chroma location */
		exp_golomb(b);
		exp_golomb(b);
	}
	if (!bit(b))
		return 0;
	tick = bits(b, 32);
	scale = bits(b, 32);
	if (b->over || !tick || !scale)
		return 0;
	/* The clock ticks once per field. */
	fps = scale / (2.0 * tick);
	return fps <= FPS_MAX ? fps : 0;
}

struct size {
	uint64_t width, height;
};

static struct size read_size(struct bits *b, uint32_t chroma)
{
	struct size s = {0};
	uint32_t frame_only, crop[4];
	unsigned unit_x, unit_y;

	s.width = (exp_golomb(b) + (uint64_t)1) * MACROBLOCK;
	s.height = (exp_golomb(b) + (uint64_t)1) * MACROBLOCK;
	frame_only = bit(b);
	s.height *= 2 - frame_only;
	if (!frame_only)
		bit(b);
	bit(b); /* direct 8x8 inference */
	if (!bit(b))
		return s;
	for (unsigned i = 0; i < 4; i++)
		crop[i] = exp_golomb(b);
	unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
	unit_y = (chroma == 1 ? 2 : 1) * (2 - frame_only);
	uint64_t across = ((uint64_t)crop[0] + crop[1]) * unit_x;
	uint64_t down = ((uint64_t)crop[2] + crop[3]) * unit_y;
	if (across >= s.width || down >= s.height)
		return (struct size){0};
	s.width -= across;
	s.height -= down;
	return s;
}

bool h264_sps_parse(const uint8_t *nal, size_t n, int32_t *width,
	int32_t *height, double *fps)
{
	struct bits b = {.p = nal, .n = n};
	uint32_t profile, chroma = 1;
	struct size size;

	if (n < 4 || H264_NAL_TYPE(nal[0]) != H264_NAL_SPS)
		return false;
	bits(&b, 8);
	profile = bits(&b, 8);
	bits(&b, 16); /* constraints, level */
	if (exp_golomb(&b) > 31)
		return false;
	if (has_chroma_format(profile))
		chroma = skip_high_profile(&b);
	exp_golomb(&b); /* log2_max_frame_num */
	skip_picture_order(&b);
	exp_golomb(&b); /* reference frames */
	bit(&b);
	size = read_size(&b, chroma);
	if (b.over || !size.width || !size.height || size.width > SIDE_MAX ||
		size.height > SIDE_MAX)
		return false;
	*width = (int32_t)size.width;
	*height = (int32_t)size.height;
	*fps = bit(&b) ? vui_fps(&b) : 0;
	return true;
}

void h264_config_clear(struct h264_config *c)
{
	free(c->headers);
	*c = (struct h264_config){0};
}

/* Copies `count` length-prefixed NAL units at *p as annex B to *to. */
static bool copy_sets(const uint8_t **p, const uint8_t *end, unsigned count,
	uint8_t **to)
{
	static const uint8_t start_code[] = {0, 0, 0, 1};

	while (count--) {
		size_t len;

		if (end - *p < 2)
			return false;
		len = get_be16(*p);
		*p += 2;
		if (!len || (size_t)(end - *p) < len)
			return false;
		memcpy(*to, start_code, sizeof(start_code));
		memcpy(*to + sizeof(start_code), *p, len);
		*to += sizeof(start_code) + len;
		*p += len;
	}
	return true;
}

struct err *h264_config_parse(struct h264_config *out, const uint8_t *avcc,
	size_t n)
{
	const uint8_t *p = avcc + 6, *end = avcc + n;
	struct h264_config c = {0};
	unsigned sps, pps = 0;
	uint8_t *to;

	if (n < 7 || avcc[0] != 1)
		return err_new(ERR_MEDIA, "malformed H.264 configuration");
	if (n > H264_CONFIG_MAX)
		return err_new(ERR_LIMIT, "H.264 configuration of %zu bytes",
			n);
	c.length_size = (avcc[4] & 3) + 1;
	sps = avcc[5] & 0x1f;
	/* A set of one byte takes 3 in avcC and 5 in annex B. */
	to = c.headers = xmalloc(2 * n);
	if (c.length_size == 3 || !sps || !copy_sets(&p, end, sps, &to))
		goto malformed;
	if (p < end) {
		pps = *p++;
		if (!copy_sets(&p, end, pps, &to))
			goto malformed;
	}
	c.size = (size_t)(to - c.headers);
	if (!h264_sps_parse(avcc + 8, get_be16(avcc + 6), &c.width, &c.height,
		    &c.fps))
		goto malformed;
	h264_config_clear(out);
	*out = c;
	return NULL;
malformed:
	free(c.headers);
	return err_new(ERR_MEDIA, "malformed H.264 configuration");
}
