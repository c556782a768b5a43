#include "proto/ladder_json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/ladder_codec.h"

#define UNMARSHAL "unable to unmarshal the passed transcoding option"
#define GOP_TEXT_SIZE 32
#define PROFILE_TEXT_SIZE 32

/* The spellings of enum h264_profile and enum video_codec. */
static const char *const profile_names[] = {"none", "h264baseline",
	"h264main", "h264high", "h264constrainedhigh"};
static const char *const codec_names[] = {"H.264", "HEVC", "VP8", "VP9"};

static struct err *take_i32(const json_t *o, const char *key, int64_t min,
	int32_t *out)
{
	int64_t v = *out;
	struct err *e = json_take_int(o, key, min, INT32_MAX, &v);

	*out = (int32_t)v;
	return e;
}

static struct err *take_u32(const json_t *o, const char *key, uint32_t *out)
{
	int64_t v = *out;
	struct err *e = json_take_int(o, key, 0, INT32_MAX, &v);

	*out = (uint32_t)v;
	return e;
}

static struct err *quoted(const char *before, const char *text)
{
	struct str s = STR_INIT;
	struct err *e;

	str_add_safe(&s, text, strlen(text), 64);
	e = err_new(ERR_INVALID, "%s\"%s\"", before, str_cstr(&s));
	str_clear(&s);
	return e;
}

/* "2", "0.5", "intra"; finer than a millisecond is cut off. */
static struct err *parse_gop(int32_t *out, const char *text)
{
	const char *s = text + (*text == '-');
	int64_t ms = 0, scale = 100;

	*out = 0;
	if (!*text)
		return NULL;
	if (!strcmp(text, "intra")) {
		*out = GOP_INTRA_ONLY;
		return NULL;
	}
	if (!isdigit((unsigned char)*s))
		return quoted("cannot parse the GOP value in the transcoding "
			"options: ", text);
	for (; isdigit((unsigned char)*s) && ms < INT32_MAX; s++)
		ms = ms * 10 + (*s - '0') * 1000;
	if (*s == '.')
		s++;
	for (; isdigit((unsigned char)*s); s++, scale /= 10)
		ms += (*s - '0') * scale;
	if (*s || ms > INT32_MAX)
		return quoted("cannot parse the GOP value in the transcoding "
			"options: ", text);
	if (*text == '-' && ms)
		return err_new(ERR_INVALID, "invalid gop value %f. Please set "
			"it to a positive value", -(double)ms / 1000);
	*out = (int32_t)ms;
	return NULL;
}

static struct err *parse_profile(enum h264_profile *out, const char *text)
{
	if (!*text)
		text = "none";
	for (size_t i = 0; i < ARRAY_SIZE(profile_names); i++) {
		if (!strcasecmp(profile_names[i], text)) {
			*out = (enum h264_profile)i;
			return NULL;
		}
	}
	return err_new(ERR_INVALID, "unable to parse the H264 encoder "
		"profile: unknown VideoProfile profile name");
}

static struct err *parse_codec(enum video_codec *out, const char *text)
{
	struct str s = STR_INIT;
	struct err *e;

	if (!*text)
		text = codec_names[VIDEO_H264];
	for (size_t i = 0; i < ARRAY_SIZE(codec_names); i++) {
		if (!strcmp(codec_names[i], text)) {
			*out = (enum video_codec)i;
			return NULL;
		}
	}
	str_add_safe(&s, text, strlen(text), 64);
	e = err_new(ERR_INVALID, "Unable to parse encoder profile, unknown "
		"encoder: %s unknown codec name", str_cstr(&s));
	str_clear(&s);
	return e;
}

static struct err *take_numbers(struct rendition *r, const json_t *o)
{
	struct err *e = take_i32(o, "width", 0, &r->width);

	e = e ? e : take_i32(o, "height", 0, &r->height);
	e = e ? e : take_i32(o, "bitrate", 0, &r->bitrate);
	e = e ? e : take_u32(o, "fps", &r->fps);
	e = e ? e : take_u32(o, "fpsDen", &r->fps_den);
	return e ? e : take_u32(o, "quality", &r->quality);
}

static struct err *take_colours(struct rendition *r, const json_t *o)
{
	int64_t depth = 0, chroma = 0;
	struct err *e = json_take_int(o, "colorDepth", 0, 4, &depth);

	e = e ? e : json_take_int(o, "chromaFormat", 0, CHROMA_444, &chroma);
	if (!e && depth % 2)
		e = err_new(ERR_INVALID, "colorDepth: 0 (8 bit), 2 (10) or 4 "
			"(12), not %d", (int)depth);
	r->color_depth = depth ? 8 + (int32_t)depth : 0;
	r->chroma = (enum chroma)chroma;
	return e;
}

static struct err *take_texts(struct rendition *r, const json_t *o)
{
	char gop[GOP_TEXT_SIZE] = "", profile[PROFILE_TEXT_SIZE] = "",
	     encoder[PROFILE_TEXT_SIZE] = "";
	struct err *e = json_take_text(o, "name", r->name, sizeof(r->name));

	e = e ? e : json_take_text(o, "gop", gop, sizeof(gop));
	e = e ? e : json_take_text(o, "profile", profile, sizeof(profile));
	e = e ? e : json_take_text(o, "encoder", encoder, sizeof(encoder));
	if (e)
		return err_wrap(e, UNMARSHAL);
	e = parse_gop(&r->gop_ms, gop);
	e = e ? e : parse_profile(&r->profile, profile);
	return e ? e : parse_codec(&r->codec, encoder);
}

static struct err *take_rendition(struct rendition *r, const json_t *o)
{
	struct err *e;

	*r = (struct rendition){0};
	if (!json_is_object(o))
		return err_new(ERR_INVALID, UNMARSHAL ": not an object");
	e = take_numbers(r, o);
	e = e ? e : take_colours(r, o);
	if (e)
		return err_wrap(e, UNMARSHAL);
	e = take_texts(r, o);
	if (!e && !*r->name)
		snprintf(r->name, sizeof(r->name), "custom_%dx%d_%d", r->width,
			r->height, r->bitrate);
	return e;
}

struct err *ladder_take_json(struct ladder *l, const json_t *array)
{
	struct err *e = NULL;

	if (!json_is_array(array))
		return err_new(ERR_INVALID, UNMARSHAL ": not an array");
	if (json_array_size(array) > LADDER_MAX - l->n)
		return err_new(ERR_LIMIT, "more than %d renditions",
			LADDER_MAX);
	for (size_t i = 0; i < json_array_size(array) && !e; i++)
		e = take_rendition(&l->r[l->n++], json_array_get(array, i));
	return e;
}

struct err *ladder_json_parse(struct ladder *out, const char *text, size_t n)
{
	json_t *root;
	struct err *e = json_load(&root, text, n, LADDER_JSON_MAX);

	*out = (struct ladder){0};
	if (e)
		return err_wrap(e, UNMARSHAL);
	e = ladder_take_json(out, root);
	json_decref(root);
	return e ? e : ladder_validate(out);
}

/* The error with its remedy: what there is to choose from. */
static struct err *with_presets(struct err *taken)
{
	struct str names = STR_INIT;
	struct err *e;

	for (size_t i = 0; preset_at(i); i++) {
		if (preset_at(i)->selectable)
			str_printf(&names, " %s", preset_at(i)->rendition.name);
	}
	e = err_new(err_kind(taken), "%s (presets:%s; or JSON)", err_text(taken),
		str_cstr(&names));
	str_clear(&names);
	err_free(taken);
	return e;
}

struct err *ladder_option_parse(struct ladder *out, const char *text)
{
	const char *s = text;
	struct err *e;

	while (isspace((unsigned char)*s))
		s++;
	if (*s != '[') {
		e = ladder_parse_presets(out, text);
		return e ? with_presets(e) : NULL;
	}
	e = ladder_json_parse(out, s, strlen(s));
	if (!e && !out->n)
		e = err_new(ERR_INVALID, "No transcoding profiles found");
	return e;
}

static void write_rendition(const struct rendition *r, struct str *out)
{
	str_printf(out, "{\"name\":\"%s\",\"width\":%d,\"height\":%d,"
		"\"bitrate\":%d", r->name, r->width, r->height, r->bitrate);
	if (r->fps)
		str_printf(out, ",\"fps\":%u", r->fps);
	if (r->fps_den)
		str_printf(out, ",\"fpsDen\":%u", r->fps_den);
	if (r->profile)
		str_printf(out, ",\"profile\":\"%s\"",
			profile_names[r->profile]);
	if (r->gop_ms == GOP_INTRA_ONLY)
		str_add(out, ",\"gop\":\"intra\"");
	else if (r->gop_ms)
		str_printf(out, ",\"gop\":\"%d.%03d\"", r->gop_ms / 1000,
			r->gop_ms % 1000);
	if (r->codec)
		str_printf(out, ",\"encoder\":\"%s\"", codec_names[r->codec]);
	if (r->color_depth > 8)
		str_printf(out, ",\"colorDepth\":%d", r->color_depth - 8);
	if (r->chroma)
		str_printf(out, ",\"chromaFormat\":%u", (unsigned)r->chroma);
	if (r->quality)
		str_printf(out, ",\"quality\":%u", r->quality);
	str_addc(out, '}');
}

void ladder_json_write(const struct ladder *l, struct str *out)
{
	str_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			str_addc(out, ',');
		write_rendition(&l->r[i], out);
	}
	str_addc(out, ']');
}
