#ifndef SRC_MEDIA_POOL_GPUS_H
#define SRC_MEDIA_POOL_GPUS_H
/* The NVIDIA devices that the pool works with, as the process that watches them
 * tells (gpu_watch.h). Nothing here waits for a driver, but for gpus_open() at
 * the start, and that has a deadline. After gpus_follow() all of it belongs to
 * the pool's actor. */
#include "src/base/actor.h"
#include "src/base/log.h"
#include "src/media/nvml.h"

struct gpus;

struct gpus_patience { /* with a driver, ms */
	unsigned first;	  /* for its first answer */
	unsigned silent;  /* without one its figures are old; above GPU_WATCH_MS */
	unsigned kill;	  /* and the process that waits for it is given up */
	unsigned restart; /* after that one's death */
};
#define GPUS_PATIENCE ((struct gpus_patience){10000, 5000, 10000, 10000})

/* spec: "0,2" or "all". Errors: "no NVIDIA device found: ...", "the GPU's driver
 * does not answer". */
struct err *gpus_open(const char *exe, const char *spec, struct gpus_patience patience,
	struct gpus **out) must_check;
/* On the actor, once. changed(ctx) runs there when figures have moved. */
void gpus_follow(struct gpus *g, struct actor *on, const struct log *log,
	void (*changed)(void *ctx), void *ctx);
void gpus_stop(struct gpus *g); /* on the actor; NULL ok */
void gpus_free(struct gpus *g); /* NULL ok */

size_t gpus_n(const struct gpus *g); /* NULL: 0 */
/* The i-th chosen device, with what was said of it last; nothing is known of
 * one whose driver has fallen silent. */
const struct gpu_reading *gpus_reading(const struct gpus *g, size_t i);
/* How long the driver has not answered; 0: it does. */
int64_t gpus_silent_ms(const struct gpus *g);
#endif
