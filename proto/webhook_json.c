#include "proto/webhook_json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json_text.h"
#include "proto/ladder_codec.h"

#define HTTPS "https://"
#define ORCHESTRATOR_PORT ":8935"

void stream_auth_request_write(const char *url, struct str *out)
{
	struct str safe = STR_INIT;
	json_t *o;
	char *text;

	if (!utf8_valid(url, strlen(url))) {
		str_add_safe(&safe, url, strlen(url), strlen(url));
		url = safe.s;
	}
	o = json_pack("{s:s}", "url", url);
	text = json_dumps(o, JSON_COMPACT);
	str_add(out, text);
	free(text);
	json_decref(o);
	str_clear(&safe);
}

/* What weir has no store for is refused, not dropped: a recording that
 * silently does not happen is the worse surprise. */
static struct err *refuse_stores(const json_t *o)
{
	static const char *const keys[] = {"objectStore", "recordObjectStore",
		"recordObjectStoreUrl", "previousSessions"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *v = json_member(o, keys[i]);

		if (!v || (json_is_string(v) && !json_string_length(v)) ||
			(json_is_array(v) && !json_array_size(v)))
			continue;
		return err_new(ERR_INVALID, "%s: object stores and recording "
			"are not supported", keys[i]);
	}
	return NULL;
}

static struct err *take_presets(struct ladder *l, const json_t *v)
{
	struct str csv = STR_INIT;
	struct err *e = NULL;

	if (!json_is_array(v))
		return err_new(ERR_INVALID, "presets: not an array");
	for (size_t i = 0; i < json_array_size(v) && !e; i++) {
		const char *name = json_string_value(json_array_get(v, i));

		if (!name || strchr(name, ','))
			e = err_new(ERR_INVALID, "presets: not names");
		else
			str_printf(&csv, "%s,", name);
	}
	if (!e && csv.len)
		e = ladder_parse_presets(l, csv.s);
	str_clear(&csv);
	return e;
}

static struct err *take_ladder(struct stream_auth *out, const json_t *o)
{
	const json_t *presets = json_member(o, "presets"),
		     *profiles = json_member(o, "profiles");
	struct err *e = NULL;

	if (presets)
		e = take_presets(&out->ladder, presets);
	if (!e && profiles)
		e = err_wrap(ladder_take_json(&out->ladder, profiles),
			"profiles");
	/* An empty list of profiles says "none"; of presets, nothing. */
	out->has_ladder = profiles || out->ladder.n;
	return e ? e : ladder_validate(&out->ladder);
}

static struct err *take_texts(struct stream_auth *out, const json_t *o)
{
	struct err *e = json_take_text(o, "manifestID", out->manifest,
		sizeof(out->manifest));

	e = e ? e : json_take_text(o, "streamID", out->stream_id,
			    sizeof(out->stream_id));
	e = e ? e : json_take_text(o, "sessionID", out->session_id,
			    sizeof(out->session_id));
	return e ? e : json_take_text(o, "streamKey", out->stream_key,
			       sizeof(out->stream_key));
}

static struct err *take_numbers(struct stream_auth *out, const json_t *o)
{
	int64_t freq = 0, times = 0;
	struct err *e = json_take_int(o, "verificationFreq", 0, UINT32_MAX,
		&freq);

	e = e ? e : json_take_int(o, "timeoutMultiplier", 0, 1000, &times);
	out->verification_freq = (uint32_t)freq;
	out->timeout_multiplier = (int32_t)times;
	return e ? e : json_take_bool(o, "forceSessionReinit",
			       &out->force_session_reinit);
}

struct err *stream_config_parse(struct stream_auth *out, const char *text,
	size_t n)
{
	json_t *root;
	struct err *e = json_load(&root, text, n, WEBHOOK_JSON_MAX);

	*out = (struct stream_auth){0};
	if (!e && !json_is_object(root))
		e = err_new(ERR_INVALID, "not a JSON object");
	e = e ? e : take_texts(out, root);
	e = e ? e : refuse_stores(root);
	e = e ? e : take_ladder(out, root);
	e = e ? e : take_numbers(out, root);
	json_decref(root);
	return e;
}

struct err *stream_auth_parse(struct stream_auth *out, const char *text,
	size_t n)
{
	struct err *e = stream_config_parse(out, text, n);

	if (!e && !*out->manifest)
		e = err_new(ERR_INVALID, "empty manifest id not allowed");
	return e;
}

/* The host and port behind the scheme: nothing that could end a header line
 * or hide another host. */
static bool is_authority(const char *s)
{
	size_t n = strcspn(s, "/");

	if (!n)
		return false;
	for (; *s; s++) {
		if (!isgraph((unsigned char)*s) || strchr("@?#\\\"<>", *s))
			return false;
	}
	return true;
}

static const char *scheme_end(const char *text)
{
	if (str_has_prefix(text, HTTPS))
		return text + strlen(HTTPS);
	if (str_has_prefix(text, "http://"))
		return text + strlen("http://");
	return NULL;
}

bool orchestrator_uri(char out[static URI_SIZE], const char *text)
{
	const char *rest = scheme_end(text), *slash, *colon;
	struct str s = STR_INIT;
	bool ok;

	if (!is_authority(rest ? rest : text) ||
		(!rest && strstr(text, "://")))
		return false;
	str_add(&s, rest ? "" : HTTPS);
	str_add(&s, text);
	while (str_has_suffix(s.s, "/")) /* "/segment" is simply put behind it */
		str_truncate(&s, s.len - 1);
	slash = strchr(scheme_end(s.s), '/');
	colon = strrchr(scheme_end(s.s), ':');
	if (!slash && (!colon || strchr(colon, ']')))
		str_add(&s, ORCHESTRATOR_PORT);
	ok = s.len < URI_SIZE;
	if (ok)
		memcpy(out, s.s, s.len + 1);
	str_clear(&s);
	return ok;
}

static bool take_discovered(struct discovered *d, const json_t *o)
{
	const json_t *score = json_member(o, "score");
	char text[URI_SIZE] = "";
	struct err *e = json_take_text(o, "address", text, sizeof(text));
	bool ok = !e && (!score || json_is_number(score)) &&
		orchestrator_uri(d->uri, text);

	err_free(e);
	d->score = score ? json_number_value(score) : 0;
	return ok;
}

static bool is_empty_entry(const json_t *o)
{
	const json_t *a = json_member(o, "address");

	return !a || (json_is_string(a) && !json_string_length(a));
}

struct err *discovery_parse(struct discovered **out, size_t *count,
	size_t *skipped, const char *text, size_t n)
{
	json_t *root;
	struct err *e = json_load(&root, text, n, WEBHOOK_JSON_MAX);
	size_t bad = 0, total = json_array_size(root);

	*out = NULL;
	*count = 0;
	if (!e && !json_is_array(root))
		e = err_new(ERR_INVALID, "not a JSON array");
	if (!e && total > DISCOVERY_MAX)
		e = err_new(ERR_LIMIT, "%zu orchestrators, at most %d", total,
			DISCOVERY_MAX);
	if (!e)
		*out = xcalloc(total + 1, sizeof(**out));
	for (size_t i = 0; !e && i < total; i++) {
		const json_t *o = json_array_get(root, i);

		if (json_is_object(o) && is_empty_entry(o))
			continue;
		if (json_is_object(o) && take_discovered(&(*out)[*count], o))
			++*count;
		else
			bad++;
	}
	if (skipped)
		*skipped = bad;
	json_decref(root);
	return e;
}
