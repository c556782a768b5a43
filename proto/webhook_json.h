#ifndef PROTO_WEBHOOK_JSON_H
#define PROTO_WEBHOOK_JSON_H
/* What webhooks are asked and what they answer. Pure; any thread.
 * Sources: go-livepeer server/mediaserver.go and
 * discovery/wh_discovery.go. */
#include "src/model/wire.h"

#define WEBHOOK_JSON_MAX (1u << 20)
#define STREAM_KEY_SIZE 256

/* --- authentication of a stream --- */
struct stream_auth {
	char manifest[MANIFEST_SIZE]; /* "" none: only in the header's form */
	char stream_id[MANIFEST_SIZE];
	char session_id[MANIFEST_SIZE];
	char stream_key[STREAM_KEY_SIZE]; /* "" none given */
	/* false: neither presets nor `profiles` were given, so the defaults
	 * apply. true with an empty ladder: no transcoding. */
	bool has_ladder;
	struct ladder ladder;
	uint32_t verification_freq;
	int32_t timeout_multiplier; /* 0: not given */
	bool force_session_reinit;
};

/* {"url":"..."} */
void stream_auth_request_write(const char *url, struct str *out);
/* The body of a webhook's 200: never empty here (an empty body means "allowed
 * with defaults" and is the caller's), manifestID required. Unknown presets
 * are an error that names them. Object stores are refused by field name. */
struct err *stream_auth_parse(struct stream_auth *out, const char *text,
	size_t n) must_check;
/* The same schema in the request header Livepeer-Transcode-Configuration,
 * where manifestID may be missing. */
struct err *stream_config_parse(struct stream_auth *out, const char *text,
	size_t n) must_check;

/* --- list of orchestrators --- */
#define DISCOVERY_MAX 1024
struct discovered {
	char uri[URI_SIZE]; /* with scheme; "https://" is put where none is */
	double score;
};
/* Takes [{"address": ..., "score": ...}, ...]; entries without an address are
 * skipped, those that are no http(s) address counted in *skipped (NULL ok).
 * *out: an array of *count, free() it. */
struct err *discovery_parse(struct discovered **out, size_t *count,
	size_t *skipped, const char *text, size_t n) must_check;
/* One entry of -orchAddr: scheme https and port 8935 where they are missing.
 * false: not an address. */
bool orchestrator_uri(char out[static URI_SIZE], const char *text) must_check;
#endif
