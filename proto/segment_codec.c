#include "proto/caps_codec.h"
#include "proto/rpc_codec.h"

#include <stdio.h>
#include <string.h>

#define DURATION_MAX_MS 300000

/* Stops orchestrators older than the full lists of renditions. */
static const char legacy_profiles[] = "invalid";

static void profile_fill(Net__VideoProfile *m, const struct rendition *r,
	struct scratch *sc)
{
	net__video_profile__init(m);
	m->name = wire_text(sc, r->name);
	m->width = r->width;
	m->height = r->height;
	m->bitrate = r->bitrate;
	m->fps = r->fps;
	m->fpsden = r->fps_den;
	m->format = (Net__VideoProfile__Format)r->container;
	m->profile = (Net__VideoProfile__Profile)r->profile;
	m->gop = r->gop_ms;
	m->encoder = (Net__VideoProfile__VideoCodec)r->codec;
	m->colordepth = r->color_depth ? r->color_depth - 8 : 0;
	m->chromaformat = (Net__VideoProfile__ChromaSubsampling)r->chroma;
	m->quality = r->quality;
}

enum profile_list { LIST_TS = 1, LIST_MP4 = 2, LIST_ANY = 3 };

/* The oldest list that can say it all, so that older nodes can still work. */
static enum profile_list choose_list(const struct ladder *l)
{
	enum profile_list list = LIST_TS;

	for (size_t i = 0; i < l->n; i++) {
		const struct rendition *r = &l->r[i];

		if (r->fps_den || r->profile != H264_PROFILE_DEFAULT ||
			r->gop_ms)
			return LIST_ANY;
		if (r->container == CONTAINER_MP4)
			list = LIST_MP4;
	}
	return list;
}

static void ladder_fill(struct creds_frame *f, const struct ladder *l,
	struct scratch *sc)
{
	for (size_t i = 0; i < l->n; i++) {
		profile_fill(&f->profile[i], &l->r[i], sc);
		f->profiles[i] = &f->profile[i];
	}
	switch (choose_list(l)) {
	case LIST_TS:
		f->m.n_fullprofiles = l->n;
		f->m.fullprofiles = f->profiles;
		break;
	case LIST_MP4:
		f->m.n_fullprofiles2 = l->n;
		f->m.fullprofiles2 = f->profiles;
		break;
	case LIST_ANY:
		f->m.n_fullprofiles3 = l->n;
		f->m.fullprofiles3 = f->profiles;
		break;
	}
}

Net__SegData *creds_fill(struct creds_frame *f, const struct segment_creds *c,
	struct scratch *sc)
{
	Net__SegData *m = &f->m;

	net__seg_data__init(m);
	m->manifestid = wire_bytes(c->manifest, strlen(c->manifest));
	m->seq = c->seq;
	m->hash = wire_bytes(c->hash, sizeof(c->hash));
	m->profiles = wire_bytes(legacy_profiles, sizeof(legacy_profiles) - 1);
	m->sig = wire_bytes(c->sig, c->sig_len);
	m->duration = c->duration_ms;
	m->capabilities = caps_fill(&f->caps, &c->caps, sc);
	m->auth_token = token_fill(&f->token, &c->token, sc);
	m->calc_perceptual_hash = c->calc_perceptual_hash;
	m->forcesessionreinit = c->force_session_reinit;
	if (c->has_slice) {
		net__seg_parameters__init(&f->slice);
		f->slice.from = c->slice_from_ms;
		f->slice.to = c->slice_to_ms;
		m->segment_parameters = &f->slice;
	}
	ladder_fill(f, &c->ladder, sc);
	return m;
}

static struct err *take_enums(struct rendition *r, const Net__VideoProfile *m)
{
	unsigned format = (unsigned)m->format, profile = (unsigned)m->profile,
		 codec = (unsigned)m->encoder, chroma = (unsigned)m->chromaformat;

	if (format > CONTAINER_MP4)
		return err_new(ERR_DENIED, "unrecognized profile output format");
	if (profile > H264_PROFILE_CONSTRAINED_HIGH)
		return err_new(ERR_DENIED, "unrecognized encoder profile");
	if (codec > VIDEO_VP9)
		return err_new(ERR_DENIED, "unrecognized video codec");
	r->container = (enum container)format;
	r->container_is_set = true;
	r->profile = (enum h264_profile)profile;
	r->codec = (enum video_codec)codec;
	/* The reference sends these two and never reads them. */
	r->chroma = chroma <= CHROMA_444 ? (enum chroma)chroma : CHROMA_420;
	r->color_depth = m->colordepth == 2 || m->colordepth == 4 ?
		8 + m->colordepth : 0;
	return NULL;
}

static struct err *take_name(struct rendition *r, const Net__VideoProfile *m)
{
	struct str safe = STR_INIT;
	struct err *e;

	if (!*m->name) {
		snprintf(r->name, sizeof(r->name), "net_%dx%d_%d", m->width,
			m->height, m->bitrate);
		return NULL;
	}
	if (rendition_name_is_safe(m->name)) {
		memcpy(r->name, m->name, strlen(m->name) + 1);
		return NULL;
	}
	str_add_safe(&safe, m->name, strlen(m->name), RENDITION_NAME_SIZE);
	e = err_new(ERR_DENIED, "unsafe profile name \"%s\"", str_cstr(&safe));
	str_clear(&safe);
	return e;
}

static struct err *profile_take(struct rendition *r,
	const Net__VideoProfile *m)
{
	struct err *e = take_name(r, m);

	r->width = m->width;
	r->height = m->height;
	r->bitrate = m->bitrate;
	r->fps = m->fps;
	r->fps_den = m->fpsden;
	r->gop_ms = m->gop;
	r->quality = m->quality;
	return e ? e : take_enums(r, m);
}

static struct err *ladder_take(struct ladder *out, const Net__SegData *m)
{
	Net__VideoProfile **list = m->fullprofiles;
	size_t n = m->n_fullprofiles;
	struct err *e = NULL;

	if (m->n_fullprofiles3) {
		list = m->fullprofiles3;
		n = m->n_fullprofiles3;
	} else if (m->n_fullprofiles2) {
		list = m->fullprofiles2;
		n = m->n_fullprofiles2;
	}
	if (n > LADDER_MAX)
		return err_new(ERR_LIMIT, "Too many outputs");
	for (size_t i = 0; i < n && !e; i++)
		e = profile_take(&out->r[i], list[i]);
	out->n = n;
	return e;
}

static struct err *take_blobs(struct segment_creds *out,
	const Net__SegData *m)
{
	if (m->manifestid.len >= sizeof(out->manifest) ||
		(m->manifestid.len &&
			memchr(m->manifestid.data, 0, m->manifestid.len)))
		return err_new(ERR_DENIED, "invalid manifest id");
	if (m->manifestid.len)
		memcpy(out->manifest, m->manifestid.data, m->manifestid.len);
	if (m->sig.len > sizeof(out->sig))
		return err_new(ERR_DENIED, "ErrSegSig");
	out->sig_len = m->sig.len;
	if (m->sig.len)
		memcpy(out->sig, m->sig.data, m->sig.len);
	wire_take_fixed(out->hash, sizeof(out->hash), m->hash);
	return NULL;
}

struct err *creds_take(struct segment_creds *out, const Net__SegData *m)
{
	struct err *e;

	*out = (struct segment_creds){0};
	e = take_blobs(out, m);
	if (!e)
		e = ladder_take(&out->ladder, m);
	if (!e && (m->duration < 0 || m->duration > DURATION_MAX_MS))
		e = err_new(ERR_DENIED, "invalid duration");
	if (!e)
		e = caps_take(&out->caps, m->capabilities);
	if (!e)
		e = token_take(&out->token, m->auth_token);
	out->seq = m->seq;
	out->duration_ms = m->duration;
	out->calc_perceptual_hash = m->calc_perceptual_hash;
	out->has_storage = m->n_storage > 0;
	out->force_session_reinit = m->forcesessionreinit;
	if (m->segment_parameters) {
		out->has_slice = true;
		out->slice_from_ms = m->segment_parameters->from;
		out->slice_to_ms = m->segment_parameters->to;
	}
	return e;
}

void segment_creds_encode(const struct segment_creds *c, struct str *out)
{
	struct creds_frame f = {0};
	struct scratch sc = {0};

	wire_pack(&creds_fill(&f, c, &sc)->base, out);
	scratch_clear(&sc);
}

struct err *segment_creds_decode(struct segment_creds *out, const void *bytes,
	size_t n)
{
	ProtobufCMessage *m;
	struct err *e = wire_unpack(&m, &net__seg_data__descriptor, bytes, n);

	*out = (struct segment_creds){0};
	if (e)
		return e;
	e = creds_take(out, (const Net__SegData *)m);
	protobuf_c_message_free_unpacked(m, NULL);
	return e;
}
