#include "src/model/rendition.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_PX 8192
#define BITRATE_MAX 1000000000
#define FPS_MAX 240
#define GOP_MAX_MS 300000
#define QUALITY_MAX 63

#define PRESET(text, w, h, rate, kbps, select, ...)                          \
	{                                                                    \
		.rendition = {.name = text, .width = w, .height = h,         \
			.bitrate = (kbps) * 1000, .fps = rate},              \
		.id = {__VA_ARGS__}, .selectable = select                    \
	}

static const struct preset presets[] = {
	PRESET("P720p60fps16x9", 1280, 720, 60, 6000, true,
		0xa7, 0xac, 0x13, 0x7a),
	PRESET("P720p30fps16x9", 1280, 720, 30, 4000, true,
		0x49, 0xd5, 0x4e, 0xa9),
	PRESET("P720p25fps16x9", 1280, 720, 25, 3500, true,
		0xe4, 0xa6, 0x40, 0x19),
	PRESET("P720p30fps4x3", 960, 720, 30, 3500, true,
		0x79, 0x33, 0x2f, 0xe7),
	PRESET("P576p30fps16x9", 1024, 576, 30, 1500, true,
		0x5e, 0xcf, 0x4b, 0x52),
	PRESET("P576p25fps16x9", 1024, 576, 25, 1500, true,
		0x8b, 0x18, 0x43, 0xd6),
	PRESET("P360p30fps16x9", 640, 360, 30, 1200, true,
		0x93, 0xc7, 0x17, 0xe7),
	PRESET("P360p25fps16x9", 640, 360, 25, 1000, true,
		0x7c, 0xd4, 0x0f, 0xc7),
	PRESET("P360p30fps4x3", 480, 360, 30, 1000, true,
		0xb6, 0x03, 0x82, 0xa0),
	PRESET("P240p30fps16x9", 426, 240, 30, 600, true,
		0xc0, 0xa6, 0x51, 0x7a),
	PRESET("P240p25fps16x9", 426, 240, 25, 600, true,
		0x13, 0x01, 0xa7, 0xd0),
	PRESET("P240p30fps4x3", 320, 240, 30, 600, true,
		0xd4, 0x35, 0xc5, 0x3a),
	PRESET("P144p30fps16x9", 256, 144, 30, 400, true,
		0xfc, 0xa4, 0x0b, 0xf9),
	PRESET("P144p25fps16x9", 256, 144, 25, 400, false,
		0x03, 0xf0, 0x1d, 0x1f),
};

const struct preset *preset_at(size_t i)
{
	return i < ARRAY_SIZE(presets) ? &presets[i] : NULL;
}

const struct preset *preset_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(presets); i++) {
		if (!strcmp(presets[i].rendition.name, name))
			return &presets[i];
	}
	return NULL;
}

static struct err *unknown_preset(const char *name, size_t n)
{
	struct str s = STR_INIT;
	struct err *e;

	str_add_safe(&s, name, n, RENDITION_NAME_SIZE);
	e = err_new(ERR_INVALID, "unknown preset \"%s\"", str_cstr(&s));
	str_clear(&s);
	return e;
}

static struct err *add_preset(struct ladder *out, const char *name, size_t n)
{
	char text[RENDITION_NAME_SIZE];
	const struct preset *p = NULL;

	if (n < sizeof(text)) {
		memcpy(text, name, n);
		text[n] = '\0';
		p = preset_find(text);
	}
	if (!p || !p->selectable)
		return unknown_preset(name, n);
	if (out->n == LADDER_MAX)
		return err_new(ERR_LIMIT, "more than %d renditions",
			LADDER_MAX);
	out->r[out->n++] = p->rendition;
	return NULL;
}

struct err *ladder_parse_presets(struct ladder *out, const char *csv)
{
	struct err *e;

	*out = (struct ladder){0};
	for (const char *s = csv;; s++) {
		size_t n = strcspn(s, ","), end = n;
		const char *start = s;

		while (end && isspace((unsigned char)*start)) {
			start++;
			end--;
		}
		while (end && isspace((unsigned char)start[end - 1]))
			end--;
		if (end) {
			e = add_preset(out, start, end);
			if (e)
				return e;
		}
		s += n;
		if (!*s)
			break;
	}
	if (!out->n)
		return err_new(ERR_INVALID, "No transcoding profiles found");
	return ladder_validate(out);
}

/* What needs no escaping in a URL's path, a quoted MIME parameter or an HLS
 * playlist: names are put in all three as they are. */
bool rendition_name_is_safe(const char *name)
{
	size_t n = strlen(name);

	if (!n || n >= RENDITION_NAME_SIZE || !strcmp(name, ".") ||
		strstr(name, ".."))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c >= 0x80 || (!isalnum(c) && !strchr("-._~+@:,=()", c)))
			return false;
	}
	return true;
}

static struct err *validate_rates(const struct rendition *r)
{
	if (r->bitrate < 0 || r->bitrate > BITRATE_MAX)
		return err_new(ERR_INVALID, "bitrate %d: not within 0 and %d",
			r->bitrate, BITRATE_MAX);
	if (r->fps / (r->fps_den ? r->fps_den : 1) > FPS_MAX)
		return err_new(ERR_INVALID, "%u/%u fps: more than %d", r->fps,
			r->fps_den ? r->fps_den : 1, FPS_MAX);
	if (r->gop_ms < GOP_INTRA_ONLY || r->gop_ms > GOP_MAX_MS)
		return err_new(ERR_INVALID, "gop of %d ms: not within 0 and %d",
			r->gop_ms, GOP_MAX_MS);
	if (r->quality > QUALITY_MAX)
		return err_new(ERR_INVALID, "quality %u: more than %d",
			r->quality, QUALITY_MAX);
	return NULL;
}

static struct err *validate(const struct rendition *r)
{
	if (r->width < 1 || r->height < 1 || r->width > SIZE_MAX_PX ||
		r->height > SIZE_MAX_PX)
		return err_new(ERR_INVALID, "%dx%d: sides must be within 1 and %d",
			r->width, r->height, SIZE_MAX_PX);
	if (r->codec != VIDEO_H264 && r->profile != H264_PROFILE_DEFAULT)
		return err_new(ERR_INVALID, "an H.264 profile without H.264");
	return validate_rates(r);
}

static struct err *validate_name(const struct ladder *l, size_t i)
{
	const char *name = l->r[i].name;
	struct str safe = STR_INIT;
	struct err *e = NULL;

	if (!rendition_name_is_safe(name)) {
		str_add_safe(&safe, name, strnlen(name, RENDITION_NAME_SIZE),
			RENDITION_NAME_SIZE);
		e = err_new(ERR_INVALID, "rendition name \"%s\" cannot stand in "
			"a URL", str_cstr(&safe));
		str_clear(&safe);
		return e;
	}
	if (!strcmp(name, "source"))
		return err_new(ERR_INVALID,
			"rendition name \"source\" is the stream's own");
	for (size_t j = 0; j < i; j++) {
		if (!strcmp(l->r[j].name, name))
			return err_new(ERR_INVALID,
				"two renditions are named \"%s\"", name);
	}
	return NULL;
}

struct err *ladder_validate(const struct ladder *l)
{
	struct err *e;

	if (l->n > LADDER_MAX)
		return err_new(ERR_LIMIT, "more than %d renditions",
			LADDER_MAX);
	for (size_t i = 0; i < l->n; i++) {
		e = validate_name(l, i);
		if (e)
			return e;
		e = validate(&l->r[i]);
		if (e)
			return err_wrap(e, "rendition %s", l->r[i].name);
	}
	return NULL;
}

const char *container_ext(enum container c)
{
	return c == CONTAINER_MP4 ? ".mp4" : ".ts";
}

const char *container_mime(enum container c)
{
	return c == CONTAINER_MP4 ? "video/mp4" : "video/mp2t";
}

void rendition_fmt(const struct rendition *r, struct str *out)
{
	str_printf(out, "%dx%d", r->width, r->height);
	if (r->fps && r->fps_den > 1)
		str_printf(out, " %.2ffps", (double)r->fps / r->fps_den);
	else if (r->fps)
		str_printf(out, " %ufps", r->fps);
	if (r->bitrate)
		str_printf(out, " %dk", (r->bitrate + 500) / 1000);
	if (r->quality)
		str_printf(out, " crf%u", r->quality);
}
