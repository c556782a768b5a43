#ifndef SRC_MODEL_WIRE_H
#define SRC_MODEL_WIRE_H
/* What the messages between nodes mean once they have been checked: plain
 * values with every length bounded. proto/rpc_codec turns them into protobuf
 * and back; nothing else sees the generated structs. Payments are in
 * src/model/ticket.h.
 *
 * Off-chain, signatures are empty, addresses zero, and ticket params and
 * prices absent. */
#include "src/model/capability.h"
#include "src/model/rendition.h"
#include "src/model/ticket.h"

#define URI_SIZE 512
#define MANIFEST_SIZE 256
#define SESSION_ID_SIZE 64 /* 8 hex characters from a go-livepeer O */
#define AUTH_TOKEN_MAX 128
#define SIG_MAX 65
#define HASH_SIZE 32
#define NODES_MAX 16

struct auth_token {
	bool present;
	uint8_t token[AUTH_TOKEN_MAX];
	size_t token_len;
	char session_id[SESSION_ID_SIZE];
	int64_t expiration; /* Unix seconds */
};

struct orchestrator_request { /* GetOrchestrator */
	struct eth_addr address; /* the broadcaster's */
	uint8_t sig[SIG_MAX];
	size_t sig_len; /* 0 off-chain */
	struct caps caps;
	bool ignore_capacity_check;
};

struct orchestrator_info {
	char transcoder[URI_SIZE]; /* service URI, no trailing slash */
	struct eth_addr address; /* of the account that signs results */
	struct caps caps;
	struct auth_token token;
	bool has_params;
	struct ticket_params params;
	bool has_price;
	int64_t price_per_unit, pixels_per_unit; /* wei, pixels; as sent */
	size_t nodes_n;
	char nodes[NODES_MAX][URI_SIZE];
};

/* The price it names; false: none, or none that can be. */
bool orchestrator_price(struct price *out, const struct orchestrator_info *i) must_check;

struct segment_creds { /* net.SegData, the Livepeer-Segment header */
	char manifest[MANIFEST_SIZE];
	int64_t seq;
	uint8_t hash[HASH_SIZE]; /* keccak of the body */
	uint8_t sig[SIG_MAX];
	size_t sig_len;
	int32_t duration_ms; /* 0..300000; 0 is read as 2000 by an O */
	struct caps caps;
	struct auth_token token;
	bool calc_perceptual_hash;
	bool has_storage; /* B offered its own store */
	struct ladder ladder;
	bool has_slice;
	uint64_t slice_from_ms, slice_to_ms;
	bool force_session_reinit;
};

struct notify_segment { /* O to T */
	char url[URI_SIZE]; /* empty: the session is over (teardown) */
	int64_t task_id;
	char orch_id[64];
	bool has_creds;
	struct segment_creds creds;
};

struct register_request { /* T to O */
	char secret[256];
	int64_t capacity;
	struct caps caps;
};

struct transcoded_rendition {
	char url[URI_SIZE];
	int64_t pixels;
	char phash_url[URI_SIZE]; /* "" none */
};

struct transcode_result { /* the whole answer to POST /segment */
	int64_t seq;
	char *error; /* owned; NULL: data is valid. "" is an error too */
	size_t n;
	struct transcoded_rendition r[LADDER_MAX];
	uint8_t sig[SIG_MAX];
	size_t sig_len;
	bool has_info;
	struct orchestrator_info info;
};
void transcode_result_clear(struct transcode_result *r);

/* The texts that make an error final for the segment: another O would say the
 * same, so the session is kept and nothing is retried (go-livepeer server/broadcast.go
 * nonRetryableErrMapInit). */
bool error_is_nonretryable(const char *text);
#endif
