#include "src/model/capability.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LEGACY_SET 0xfffu /* bits 0-11, frozen */
#define BITS_MAX (CAPS_WORDS * 64)

void caps_add(struct caps *c, unsigned bit)
{
	size_t word = bit / 64;

	if (bit >= BITS_MAX)
		return;
	c->present = true;
	c->bits[word] |= UINT64_C(1) << bit % 64;
	if (c->words <= word)
		c->words = word + 1;
}

bool caps_has(const struct caps *c, unsigned bit)
{
	return bit < BITS_MAX && c->bits[bit / 64] >> bit % 64 & 1;
}

static void add_counted(struct caps *c, unsigned bit)
{
	caps_add(c, bit);
	c->capacity[bit] = 1;
}

void caps_default(struct caps *c)
{
	*c = (struct caps){.present = true};
	for (unsigned bit = CAP_H264; bit <= CAP_AUTH_TOKEN; bit++)
		add_counted(c, bit);
	add_counted(c, CAP_MPEG7_SIGNATURE);
	add_counted(c, CAP_SEGMENT_SLICING);
}

void caps_software(struct caps *c)
{
	caps_default(c);
	add_counted(c, CAP_VP8_DECODE);
	for (unsigned bit = CAP_H264_444_8; bit <= CAP_H264_420_10; bit++)
		add_counted(c, bit);
}

static unsigned codec_bit(enum video_codec c)
{
	switch (c) {
	case VIDEO_H264:
		return CAP_H264;
	case VIDEO_H265:
		return CAP_HEVC_ENCODE;
	case VIDEO_VP8:
		return CAP_VP8_ENCODE;
	case VIDEO_VP9:
		return CAP_VP9_ENCODE;
	}
	return CAP_H264;
}

static void add_rendition(struct caps *out, const struct rendition *r)
{
	caps_add(out, r->container == CONTAINER_MP4 ? CAP_MP4 : CAP_MPEGTS);
	caps_add(out, codec_bit(r->codec));
	if (r->fps_den)
		caps_add(out, CAP_FRACTIONAL_FPS);
	if (r->profile != H264_PROFILE_DEFAULT)
		caps_add(out, CAP_H264_BASELINE +
			((unsigned)r->profile - H264_PROFILE_BASELINE));
	if (r->gop_ms)
		caps_add(out, CAP_GOP);
}

void caps_for_job(struct caps *out, const struct job_caps_in *in)
{
	*out = (struct caps){.present = true};
	caps_add(out, CAP_AUTH_TOKEN);
	if (in->http_push)
		caps_add(out, CAP_SEGMENT_SLICING);
	if (in->input_h264)
		caps_add(out, CAP_H264);
	if (in->input_hevc)
		caps_add(out, CAP_HEVC_DECODE);
	if (in->input_vp8)
		caps_add(out, CAP_VP8_DECODE);
	if (in->input_vp9)
		caps_add(out, CAP_VP9_DECODE);
	if (in->pixel_format_bit)
		caps_add(out, in->pixel_format_bit);
	for (size_t i = 0; i < in->ladder->n; i++)
		add_rendition(out, &in->ladder->r[i]);
	if (in->min_version)
		strncpy(out->min_version, in->min_version,
			sizeof(out->min_version) - 1);
}

struct version {
	uint64_t part[3];
};

/* "1", "v1.2", "1.2.3-anything+more": numbers missing at the end are 0. */
static bool version_parse(struct version *v, const char *s)
{
	*v = (struct version){0};
	s += *s == 'v';
	for (size_t i = 0; i < ARRAY_SIZE(v->part); i++) {
		if (!isdigit((unsigned char)*s))
			return false;
		for (; isdigit((unsigned char)*s); s++) {
			if (v->part[i] > UINT32_MAX)
				return false;
			v->part[i] = v->part[i] * 10 + (uint64_t)(*s - '0');
		}
		if (*s != '.')
			break;
		s++;
	}
	if (!*s)
		return true;
	if (*s != '-' && *s != '+')
		return false;
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("-.+", *s))
			return false;
	}
	return true;
}

bool version_at_least(const char *min, const char *version)
{
	struct version want, have;

	if (!*min)
		return true;
	if (!*version || !strcmp(version, "undefined"))
		return false;
	/* A minimum nobody can read keeps nobody out; the reference's rule. */
	if (!version_parse(&want, min))
		return true;
	if (!version_parse(&have, version))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(want.part); i++) {
		if (have.part[i] != want.part[i])
			return have.part[i] > want.part[i];
	}
	return true;
}

static bool bits_within(const uint64_t *a, size_t n, const uint64_t *b,
	size_t m)
{
	if (n > m)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (a[i] & ~b[i])
			return false;
	}
	return true;
}

static size_t words_used(const uint64_t *bits)
{
	size_t n = CAPS_WORDS;

	while (n && !bits[n - 1])
		n--;
	return n;
}

bool caps_covers(const struct caps *job, const struct caps *transcoder)
{
	return version_at_least(job->min_version, transcoder->version) &&
		bits_within(job->bits, job->words, transcoder->bits,
			transcoder->words);
}

bool caps_compatible(const struct caps *job, const struct caps *orch)
{
	const uint64_t legacy = LEGACY_SET;

	if (!job->present)
		return false;
	if (!orch->present)
		return bits_within(job->bits, job->words, &legacy, 1);
	return bits_within(orch->mandatories, words_used(orch->mandatories),
		       job->bits, job->words) &&
		caps_covers(job, orch);
}

/* Peers older than the capacity map count 1 for each of their bits. */
static uint32_t count_of(const struct caps *t, bool has_map, unsigned bit)
{
	return has_map ? t->capacity[bit] : caps_has(t, bit);
}

static bool has_capacities(const struct caps *t)
{
	for (size_t i = 0; i < CAPS_CAPACITY; i++) {
		if (t->capacity[i])
			return true;
	}
	return false;
}

void caps_union_add(struct caps *sum, const struct caps *t)
{
	bool has_map = has_capacities(t);

	for (unsigned bit = 0; bit < CAPS_CAPACITY; bit++) {
		uint32_t n = count_of(t, has_map, bit);

		if (!n)
			continue;
		caps_add(sum, bit);
		if (__builtin_add_overflow(sum->capacity[bit], n,
			    &sum->capacity[bit]))
			sum->capacity[bit] = UINT32_MAX;
	}
}

void caps_union_sub(struct caps *sum, const struct caps *t)
{
	bool has_map = has_capacities(t);

	for (unsigned bit = 0; bit < CAPS_CAPACITY; bit++) {
		uint32_t n = count_of(t, has_map, bit);

		if (!n)
			continue;
		sum->capacity[bit] -= n < sum->capacity[bit] ?
			n : sum->capacity[bit];
		if (!sum->capacity[bit])
			sum->bits[bit / 64] &= ~(UINT64_C(1) << bit % 64);
	}
}
