#ifndef PROTO_RPC_CODEC_H
#define PROTO_RPC_CODEC_H
/* The messages of lp_rpc.proto to and from the values of src/model/wire.h.
 * Pure; any thread. Sources: go-livepeer net/lp_rpc.proto, and
 * core/streamdata.go for SegData.
 *
 * encode appends to `out` and cannot fail: texts that are not UTF-8 are made
 * so, since peers refuse the whole message otherwise. decode fills *out from
 * zero; on an error its content is not to be used. Unknown fields are skipped,
 * as are bits and maps of services that weir does not offer. */
#include "src/model/wire.h"

#define RPC_MESSAGE_MAX (4u << 20) /* gRPC's own default limit */

void orchestrator_request_encode(const struct orchestrator_request *m,
	struct str *out);
struct err *orchestrator_request_decode(struct orchestrator_request *out,
	const void *bytes, size_t n) must_check;

void orchestrator_info_encode(const struct orchestrator_info *m,
	struct str *out);
struct err *orchestrator_info_decode(struct orchestrator_info *out,
	const void *bytes, size_t n) must_check;

/* The list that carries the ladder is chosen as the reference does. decode's
 * texts are those an O answers with status 403. */
void segment_creds_encode(const struct segment_creds *m, struct str *out);
struct err *segment_creds_decode(struct segment_creds *out, const void *bytes,
	size_t n) must_check;

/* With an empty url only the session id of creds.token is sent: teardown. */
void notify_segment_encode(const struct notify_segment *m, struct str *out);
struct err *notify_segment_decode(struct notify_segment *out,
	const void *bytes, size_t n) must_check;

void register_request_encode(const struct register_request *m,
	struct str *out);
struct err *register_request_decode(struct register_request *out,
	const void *bytes, size_t n) must_check;

/* decode: transcode_result_clear() afterwards, also after an error. An answer
 * with neither error nor data is the error `UnknownResponse`; more renditions
 * than a ladder holds are refused. */
void transcode_result_encode(const struct transcode_result *m,
	struct str *out);
struct err *transcode_result_decode(struct transcode_result *out,
	const void *bytes, size_t n) must_check;

/* EndTranscodingSession; its answer is empty. A request without a token
 * decodes to one that is not `present`. */
void end_session_encode(const struct auth_token *token, struct str *out);
struct err *end_session_decode(struct auth_token *out, const void *bytes,
	size_t n) must_check;

void ping_encode(const void *value, size_t value_n, struct str *out);
struct err *ping_decode(struct str *value, const void *bytes, size_t n)
	must_check;

/* decode: payment_clear() it; on an error it is empty. More tickets than
 * PAYMENT_TICKETS_MAX and numbers of more than 256 bits are refused. encode
 * leaves out the round within the params: it is said beside them. */
void payment_encode(const struct payment *p, struct str *out);
struct err *payment_decode(struct payment *out, const void *bytes, size_t n)
	must_check;
#endif
