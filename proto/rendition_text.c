#include "proto/rendition_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ladder_json.h"

#define WORD_MAX 80

/* "<number><suffix>" from 1 to `max`. */
static bool read_with(const char *word, const char *suffix, uint64_t max, uint64_t *out)
{
	size_t n = strlen(word), tail = strlen(suffix);
	char digits[WORD_MAX] = "";

	if (n <= tail || n >= sizeof(digits) || strcmp(word + n - tail, suffix))
		return false;
	memcpy(digits, word, n - tail);
	return parse_u64(digits, out) && *out && *out <= max;
}

static bool read_size(const char *word, struct rendition *r)
{
	const char *x = strchr(word, 'x');
	uint64_t w, h;
	char *width;
	bool ok;

	if (!x)
		return false;
	width = xstrndup(word, (size_t)(x - word));
	ok = parse_u64(width, &w) && parse_u64(x + 1, &h) && w <= INT32_MAX && h <= INT32_MAX;
	free(width);
	if (ok) {
		r->width = (int32_t)w;
		r->height = (int32_t)h;
	}
	return ok;
}

/* "30fps", "30000/1001fps" */
static bool read_rate(const char *word, struct rendition *r)
{
	const char *slash = strchr(word, '/');
	uint64_t n, den = 0;
	char *num;
	bool ok;

	if (!slash) {
		ok = read_with(word, "fps", UINT32_MAX, &n);
	} else {
		num = xstrndup(word, (size_t)(slash - word));
		ok = read_with(slash + 1, "fps", UINT32_MAX, &den) && parse_u64(num, &n) && n &&
			n <= UINT32_MAX;
		free(num);
	}
	if (ok) {
		r->fps = (uint32_t)n;
		r->fps_den = (uint32_t)den;
	}
	return ok;
}

static bool read_bits(const char *word, struct rendition *r)
{
	uint64_t n;

	if (!read_with(word, "k", INT32_MAX / 1000, &n))
		return false;
	r->bitrate = (int32_t)(n * 1000);
	return true;
}

static bool read_quality(const char *word, struct rendition *r)
{
	uint64_t n;

	if (!str_has_prefix(word, "crf") || !parse_u64(word + 3, &n) || n > 1000)
		return false;
	r->quality = (uint32_t)n;
	return true;
}

static struct err *refuse(const char *text, const char *why)
{
	struct str safe = STR_INIT;
	struct err *e;

	str_add_safe(&safe, text, strlen(text), WORD_MAX);
	e = err_new(ERR_INVALID, "\"%s\" %s; write a preset, or \"name 1280x720 30fps 4000k\"",
		str_cstr(&safe), why);
	str_clear(&safe);
	return e;
}

/* The name of those without: their words, joined by what a URL can carry. */
static void name_by_words(struct rendition *r)
{
	struct str s = STR_INIT;

	rendition_fmt(r, &s);
	for (size_t i = 0; i < s.len; i++)
		s.s[i] = s.s[i] == ' ' ? '_' : s.s[i];
	memcpy(r->name, s.s, s.len < sizeof(r->name) ? s.len + 1 : sizeof(r->name));
	r->name[sizeof(r->name) - 1] = '\0';
	str_clear(&s);
}

static struct err *parse_words(struct rendition *out, const char *text)
{
	char *copy = xstrdup(text), *at = copy, *word;
	struct err *e = NULL;
	bool first = true;

	while (!e && (word = strsep(&at, " \t"))) {
		if (!*word)
			continue;
		if (read_size(word, out) || read_rate(word, out) || read_bits(word, out) ||
			read_quality(word, out))
			first = false;
		else if (first && strlen(word) < sizeof(out->name))
			memcpy(out->name, word, strlen(word) + 1);
		else
			e = refuse(word, "is no size, rate, bitrate or quality");
		first = false;
	}
	free(copy);
	if (!e && !out->width)
		e = refuse(text, "is no preset and has no size");
	if (!e && !*out->name)
		name_by_words(out);
	return e;
}

static struct err *parse_object(struct rendition *out, const char *text)
{
	struct str array = STR_INIT;
	struct ladder l;
	struct err *e;

	str_printf(&array, "[%s]", text);
	e = ladder_json_parse(&l, array.s, array.len);
	if (!e && l.n != 1)
		e = refuse(text, "is not one rendition");
	if (!e)
		*out = l.r[0];
	str_clear(&array);
	return e;
}

struct err *rendition_text_parse(struct rendition *out, const char *text)
{
	struct ladder l = {.n = 1};
	const struct preset *p;
	struct err *e = NULL;

	*out = (struct rendition){.width = 0};
	text += strspn(text, " \t");
	p = preset_find(text);
	if (*text == '{')
		e = parse_object(out, text);
	else if (p && p->selectable)
		*out = p->rendition;
	else
		e = parse_words(out, text);
	if (e)
		return e;
	l.r[0] = *out;
	return ladder_validate(&l);
}

static bool is_same(const struct rendition *a, const struct rendition *b)
{
	return !strcmp(a->name, b->name) && a->width == b->width && a->height == b->height &&
		a->bitrate == b->bitrate && a->fps == b->fps && a->fps_den == b->fps_den &&
		a->container == b->container && a->container_is_set == b->container_is_set &&
		a->profile == b->profile && a->gop_ms == b->gop_ms && a->codec == b->codec &&
		a->color_depth == b->color_depth && a->chroma == b->chroma &&
		a->quality == b->quality;
}

static bool says_all(const struct rendition *r, const char *text)
{
	struct rendition again;
	struct err *e = rendition_text_parse(&again, text);
	bool same = !e && is_same(r, &again);

	err_free(e);
	return same;
}

void rendition_text_write(const struct rendition *r, struct str *out)
{
	struct str words = STR_INIT;
	struct ladder l = {.n = 1};

	str_printf(&words, "%s %dx%d", r->name, r->width, r->height);
	if (r->fps_den)
		str_printf(&words, " %u/%ufps", r->fps, r->fps_den);
	else if (r->fps)
		str_printf(&words, " %ufps", r->fps);
	if (r->bitrate)
		str_printf(&words, " %dk", r->bitrate / 1000);
	if (r->quality)
		str_printf(&words, " crf%u", r->quality);
	if (says_all(r, r->name)) {
		str_add(out, r->name);
	} else if (says_all(r, words.s)) {
		str_add(out, words.s);
	} else {
		struct str array = STR_INIT;

		l.r[0] = *r;
		ladder_json_write(&l, &array);
		str_addn(out, array.s + 1, array.len - 2);
		str_clear(&array);
	}
	str_clear(&words);
}
