#include "proto/rpc_codec.h"

#include <stdlib.h>
#include <string.h>

#include "proto/caps_codec.h"
#include "proto/payment_codec.h"

/* Unpacks into *m of the given type, or returns the err. */
#define UNPACK(m, name)                                                      \
	do {                                                                 \
		ProtobufCMessage *base_;                                     \
		struct err *err_ = wire_unpack(&base_, &name##__descriptor,  \
			bytes, n);                                           \
		if (err_)                                                    \
			return err_;                                         \
		m = (__typeof__(m))base_;                                    \
	} while (0)
#define UNPACKED_FREE(m) protobuf_c_message_free_unpacked(&(m)->base, NULL)

static struct err *take_sig(uint8_t out[static SIG_MAX], size_t *out_n,
	ProtobufCBinaryData b)
{
	if (b.len > SIG_MAX)
		return err_new(ERR_PROTOCOL, "invalid signature length");
	*out_n = b.len;
	if (b.len)
		memcpy(out, b.data, b.len);
	return NULL;
}

/* --- GetOrchestrator --- */

void orchestrator_request_encode(const struct orchestrator_request *r,
	struct str *out)
{
	Net__OrchestratorRequest m;
	struct caps_frame caps = {0};
	struct scratch sc = {0};

	net__orchestrator_request__init(&m);
	m.address = wire_bytes(r->address.b, sizeof(r->address.b));
	m.sig = wire_bytes(r->sig, r->sig_len);
	m.capabilities = caps_fill(&caps, &r->caps, &sc);
	m.ignorecapacitycheck = r->ignore_capacity_check;
	wire_pack(&m.base, out);
	scratch_clear(&sc);
}

struct err *orchestrator_request_decode(struct orchestrator_request *out,
	const void *bytes, size_t n)
{
	Net__OrchestratorRequest *m;
	struct err *e;

	*out = (struct orchestrator_request){0};
	UNPACK(m, net__orchestrator_request);
	wire_take_fixed(out->address.b, sizeof(out->address.b), m->address);
	out->ignore_capacity_check = m->ignorecapacitycheck;
	e = take_sig(out->sig, &out->sig_len, m->sig);
	if (!e)
		e = caps_take(&out->caps, m->capabilities);
	UNPACKED_FREE(m);
	return e;
}

struct info_frame {
	Net__OrchestratorInfo m;
	struct params_frame params;
	struct caps_frame caps;
	Net__AuthToken token;
	Net__PriceInfo price;
	char *nodes[NODES_MAX];
};

static Net__OrchestratorInfo *info_fill(struct info_frame *f,
	const struct orchestrator_info *i, struct scratch *sc)
{
	net__orchestrator_info__init(&f->m);
	f->m.transcoder = wire_text(sc, i->transcoder);
	f->m.address = wire_bytes(i->address.b, sizeof(i->address.b));
	if (i->has_params)
		f->m.ticket_params = params_fill(&f->params, &i->params);
	f->m.capabilities = caps_fill(&f->caps, &i->caps, sc);
	f->m.auth_token = token_fill(&f->token, &i->token, sc);
	if (i->has_price) {
		net__price_info__init(&f->price);
		f->price.priceperunit = i->price_per_unit;
		f->price.pixelsperunit = i->pixels_per_unit;
		f->m.price_info = &f->price;
	}
	f->m.n_nodes = i->nodes_n;
	f->m.nodes = f->nodes;
	for (size_t j = 0; j < i->nodes_n; j++)
		f->nodes[j] = wire_text(sc, i->nodes[j]);
	return &f->m;
}

void orchestrator_info_encode(const struct orchestrator_info *i,
	struct str *out)
{
	struct info_frame f = {0};
	struct scratch sc = {0};

	wire_pack(&info_fill(&f, i, &sc)->base, out);
	scratch_clear(&sc);
}

static struct err *info_take(struct orchestrator_info *out,
	const Net__OrchestratorInfo *m)
{
	struct err *e = wire_take_text(out->transcoder,
		sizeof(out->transcoder), m->transcoder, "transcoder URI");

	wire_take_fixed(out->address.b, sizeof(out->address.b), m->address);
	if (!e)
		e = caps_take(&out->caps, m->capabilities);
	if (!e)
		e = token_take(&out->token, m->auth_token);
	out->has_params = m->ticket_params != NULL;
	if (!e && m->ticket_params)
		e = params_take(&out->params, m->ticket_params);
	if (m->price_info) {
		out->has_price = true;
		out->price_per_unit = m->price_info->priceperunit;
		out->pixels_per_unit = m->price_info->pixelsperunit;
	}
	/* Sibling nodes are a bonus: what does not fit is left out. */
	for (size_t i = 0; i < m->n_nodes && out->nodes_n < NODES_MAX; i++) {
		if (strlen(m->nodes[i]) < URI_SIZE)
			strncpy(out->nodes[out->nodes_n++], m->nodes[i],
				URI_SIZE - 1);
	}
	return e;
}

struct err *orchestrator_info_decode(struct orchestrator_info *out,
	const void *bytes, size_t n)
{
	Net__OrchestratorInfo *m;
	struct err *e;

	*out = (struct orchestrator_info){0};
	UNPACK(m, net__orchestrator_info);
	e = info_take(out, m);
	UNPACKED_FREE(m);
	return e;
}

/* --- RegisterTranscoder --- */

void register_request_encode(const struct register_request *r,
	struct str *out)
{
	Net__RegisterRequest m;
	struct caps_frame caps = {0};
	struct scratch sc = {0};

	net__register_request__init(&m);
	m.secret = wire_text(&sc, r->secret);
	m.capacity = r->capacity;
	m.capabilities = caps_fill(&caps, &r->caps, &sc);
	wire_pack(&m.base, out);
	scratch_clear(&sc);
}

struct err *register_request_decode(struct register_request *out,
	const void *bytes, size_t n)
{
	Net__RegisterRequest *m;
	struct err *e;

	*out = (struct register_request){0};
	UNPACK(m, net__register_request);
	out->capacity = m->capacity;
	e = wire_take_text(out->secret, sizeof(out->secret), m->secret,
		"secret");
	if (!e)
		e = caps_take(&out->caps, m->capabilities);
	UNPACKED_FREE(m);
	return e;
}

static void notify_fill_teardown(Net__SegData *m, Net__AuthToken *token,
	const struct notify_segment *s, struct scratch *sc)
{
	net__seg_data__init(m);
	net__auth_token__init(token);
	token->session_id = wire_text(sc, s->creds.token.session_id);
	m->auth_token = token;
}

void notify_segment_encode(const struct notify_segment *s, struct str *out)
{
	static const char legacy[] = "invalid";
	Net__NotifySegment m;
	struct creds_frame f = {0};
	struct scratch sc = {0};

	net__notify_segment__init(&m);
	m.url = wire_text(&sc, s->url);
	m.taskid = s->task_id;
	m.orchid = wire_text(&sc, s->orch_id);
	if (!*s->url) {
		notify_fill_teardown(&f.m, &f.token, s, &sc);
		m.segdata = &f.m;
	} else {
		m.profiles = wire_bytes(legacy, sizeof(legacy) - 1);
		m.segdata = s->has_creds ?
			creds_fill(&f, &s->creds, &sc) : NULL;
	}
	wire_pack(&m.base, out);
	scratch_clear(&sc);
}

struct err *notify_segment_decode(struct notify_segment *out,
	const void *bytes, size_t n)
{
	Net__NotifySegment *m;
	struct err *e;

	*out = (struct notify_segment){0};
	UNPACK(m, net__notify_segment);
	out->task_id = m->taskid;
	e = wire_take_text(out->url, sizeof(out->url), m->url, "url");
	if (!e)
		e = wire_take_text(out->orch_id, sizeof(out->orch_id),
			m->orchid, "orchestrator id");
	out->has_creds = m->segdata != NULL;
	if (!e && m->segdata)
		e = creds_take(&out->creds, m->segdata);
	UNPACKED_FREE(m);
	return e;
}

/* --- POST /segment --- */

struct data_frame {
	Net__TranscodeData m;
	Net__TranscodedSegmentData segment[LADDER_MAX];
	Net__TranscodedSegmentData *segments[LADDER_MAX];
};

static Net__TranscodeData *data_fill(struct data_frame *f,
	const struct transcode_result *r, struct scratch *sc)
{
	net__transcode_data__init(&f->m);
	f->m.sig = wire_bytes(r->sig, r->sig_len);
	f->m.n_segments = r->n;
	f->m.segments = f->segments;
	for (size_t i = 0; i < r->n; i++) {
		Net__TranscodedSegmentData *s = &f->segment[i];

		net__transcoded_segment_data__init(s);
		s->url = wire_text(sc, r->r[i].url);
		s->pixels = r->r[i].pixels;
		s->perceptual_hash_url = wire_text(sc, r->r[i].phash_url);
		f->segments[i] = s;
	}
	return &f->m;
}

void transcode_result_encode(const struct transcode_result *r,
	struct str *out)
{
	Net__TranscodeResult m;
	struct data_frame data = {0};
	struct info_frame info = {0};
	struct scratch sc = {0};

	net__transcode_result__init(&m);
	m.seq = r->seq;
	/* Either is sent even when empty, else the peer sees neither. */
	if (r->error) {
		m.result_case = NET__TRANSCODE_RESULT__RESULT_ERROR;
		m.error = wire_text(&sc, r->error);
	} else {
		m.result_case = NET__TRANSCODE_RESULT__RESULT_DATA;
		m.data = data_fill(&data, r, &sc);
	}
	if (r->has_info)
		m.info = info_fill(&info, &r->info, &sc);
	wire_pack(&m.base, out);
	scratch_clear(&sc);
}

static struct err *data_take(struct transcode_result *out,
	const Net__TranscodeData *m)
{
	struct err *e = take_sig(out->sig, &out->sig_len, m->sig);

	if (!e && m->n_segments > LADDER_MAX)
		e = err_new(ERR_PROTOCOL, "%zu renditions, at most %d",
			m->n_segments, LADDER_MAX);
	for (size_t i = 0; !e && i < m->n_segments; i++) {
		const Net__TranscodedSegmentData *s = m->segments[i];
		struct transcoded_rendition *r = &out->r[i];

		r->pixels = s->pixels;
		e = wire_take_text(r->url, sizeof(r->url), s->url,
			"rendition url");
		if (!e)
			e = wire_take_text(r->phash_url, sizeof(r->phash_url),
				s->perceptual_hash_url, "perceptual hash url");
		out->n = i + 1;
	}
	return e;
}

static struct err *result_take(struct transcode_result *out,
	const Net__TranscodeResult *m)
{
	struct err *e = NULL;

	out->seq = m->seq;
	switch (m->result_case) {
	case NET__TRANSCODE_RESULT__RESULT_ERROR:
		out->error = xstrdup(m->error);
		break;
	case NET__TRANSCODE_RESULT__RESULT_DATA:
		e = data_take(out, m->data);
		break;
	case NET__TRANSCODE_RESULT__RESULT__NOT_SET:
	case _NET__TRANSCODE_RESULT__RESULT__CASE_IS_INT_SIZE:
		out->error = xstrdup("UnknownResponse");
		break;
	}
	out->has_info = m->info != NULL;
	if (!e && m->info)
		e = info_take(&out->info, m->info);
	return e;
}

struct err *transcode_result_decode(struct transcode_result *out,
	const void *bytes, size_t n)
{
	Net__TranscodeResult *m;
	struct err *e;

	*out = (struct transcode_result){0};
	UNPACK(m, net__transcode_result);
	e = result_take(out, m);
	UNPACKED_FREE(m);
	return e;
}

/* --- small ones --- */

void end_session_encode(const struct auth_token *t, struct str *out)
{
	Net__EndTranscodingSessionRequest m;
	Net__AuthToken token;
	struct scratch sc = {0};

	net__end_transcoding_session_request__init(&m);
	m.auth_token = token_fill(&token, t, &sc);
	wire_pack(&m.base, out);
	scratch_clear(&sc);
}

struct err *end_session_decode(struct auth_token *out, const void *bytes,
	size_t n)
{
	Net__EndTranscodingSessionRequest *m;
	struct err *e;

	*out = (struct auth_token){0};
	UNPACK(m, net__end_transcoding_session_request);
	e = token_take(out, m->auth_token);
	UNPACKED_FREE(m);
	return e;
}

void ping_encode(const void *value, size_t value_n, struct str *out)
{
	Net__PingPong m;

	net__ping_pong__init(&m);
	m.value = wire_bytes(value, value_n);
	wire_pack(&m.base, out);
}

struct err *ping_decode(struct str *value, const void *bytes, size_t n)
{
	Net__PingPong *m;

	UNPACK(m, net__ping_pong);
	str_addn(value, m->value.data, m->value.len);
	UNPACKED_FREE(m);
	return NULL;
}
