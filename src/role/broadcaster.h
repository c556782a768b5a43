#ifndef SRC_ROLE_BROADCASTER_H
#define SRC_ROLE_BROADCASTER_H
/* The broadcaster: takes live streams, has the network transcode their
 * segments, checks the work and serves the result as HLS. An actor, `bcast`,
 * owns streams and deliveries; the functions below may be called from any
 * thread and post to it. rtmp_ingest.c and push_ingest.c feed it.
 * Source: go-livepeer server/broadcast.go, mediaserver.go at 0.9.1. */
#include "proto/webhook_json.h"
#include "src/base/board.h"
#include "src/media/pool.h"
#include "src/model/segment.h"
#include "src/net/exchange.h"
#include "src/role/discovery.h"
#include "src/role/selection.h"
#include "src/role/totals.h"

struct broadcaster;
struct history;
struct purse;

struct broadcaster_options {
	struct discovery_options discovery;
	const char *min_version;  /* of orchestrators; NULL or "": any */
	const char *auth_webhook; /* NULL or "": everybody may publish */
	struct ladder ladder;	  /* -transcodingOptions */
	unsigned max_attempts;	  /* per segment; 0: never transcode */
	unsigned max_streams;	  /* -maxSessions */
	bool verify_pixels;	  /* -localVerify */
	bool current_manifest;	  /* serve /stream/current.m3u8 */
	const char *playback;	  /* "http://127.0.0.1:9935" for the console */
	struct purse *purse;	  /* NULL off-chain; must outlive the broadcaster */
	struct selection_rule rule; /* read on a chain */
};
/* pool: for probing and counting pixels; needs no transcoding workers. */
struct broadcaster *broadcaster_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board, struct history *history,
	const struct broadcaster_options *o);
/* HLS playback, and HTTP push when `push` is set. */
void broadcaster_routes(struct broadcaster *b, struct router *r, bool push);
void broadcaster_drain(struct broadcaster *b, bool drain);
/* Ends all streams and takes none, until it is told to drain no more. */
void broadcaster_rest(struct broadcaster *b);
void broadcaster_totals(struct broadcaster *b, struct reply reply);
struct actor *broadcaster_actor(struct broadcaster *b);
void broadcaster_set_max_streams(struct broadcaster *b, unsigned n);
/* New streams only. */
void broadcaster_set_ladder(struct broadcaster *b, const struct ladder *l);
void broadcaster_drop_stream(struct broadcaster *b, const char *manifest,
	struct reply reply); /* ERR_NOT_FOUND */
/* --- money; nothing happens off-chain --- */
/* Wei a pixel; free: any price will do. Sessions under way go on. */
void broadcaster_set_max_price(struct broadcaster *b, struct price max);
void broadcaster_set_ignore_max_price(struct broadcaster *b, bool ignore);
/* The orchestrators of the chain, whenever they change. Takes it. */
void broadcaster_set_pool(struct broadcaster *b, struct discovery_pool *taken);
/* Result: struct view_funds with what the broadcaster knows of it (view_clear
 * and free it). ERR_INVALID off-chain. */
void broadcaster_funds(struct broadcaster *b, struct reply reply);
void broadcaster_stop(struct broadcaster *b); /* then pool_free, then: */
void broadcaster_free(struct broadcaster *b); /* NULL ok */

/* RTMP on this address; "" none. */
struct rtmp_port;
struct err *broadcaster_listen_rtmp(struct broadcaster *b, const char *address,
	struct rtmp_port **out) must_check;

/* --- ingest (net actor) to the bcast actor --- */

enum ingest { INGEST_RTMP, INGEST_HTTP };

struct stream_request {
	char url[1024]; /* as the webhook is asked about it */
	char path[1024];
	char remote[64];
	enum ingest ingest;
	enum container container;
	bool has_config;	   /* Livepeer-Transcode-Configuration */
	struct stream_auth config; /* its content */
	int32_t width, height;	   /* Content-Resolution; 0 unknown */
};
struct stream_handle {
	uint64_t id;
	char manifest[MANIFEST_SIZE];
};
/* Starts a stream, or for INGEST_HTTP finds the one already pushed under this
 * path. Result: struct stream_handle. ERR_DENIED: the webhook refused;
 * ERR_BUSY: too many streams or the name is being published;
 * ERR_UNAVAILABLE: the node is draining. Takes q. */
void broadcaster_open(struct broadcaster *b, struct stream_request *taken,
	struct reply reply);

struct push_result {
	enum container container;
	uint64_t seq;
	size_t n;
	struct {
		char name[RENDITION_NAME_SIZE];
		struct blob *data;
	} r[LADDER_MAX];
};
void push_result_free(struct push_result *r);
/* A segment of that stream; takes it. info: what is in it, where that is known
 * (NULL: the stream's first segment is probed for the console). Result: struct
 * push_result once all renditions are stored. ERR_UNAVAILABLE "No sessions available"; ERR_MEDIA:
 * final, the segment is to blame; others: all attempts failed. A reply
 * without fn: nobody waits. */
void broadcaster_segment(struct broadcaster *b, uint64_t stream,
	struct segment *taken, const struct media_info *info,
	bool force_reinit, struct reply reply);
/* The publisher is gone. */
void broadcaster_close(struct broadcaster *b, uint64_t stream,
	const char *reason);
/* What the publisher's connection knows of the source. */
void broadcaster_source(struct broadcaster *b, uint64_t stream, int32_t width,
	int32_t height, double fps);
#endif
