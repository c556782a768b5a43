#ifndef SRC_ALARM_POST_H
#define SRC_ALARM_POST_H
/* -alarmWebhook: the news of alarms, one POST of JSON each, in order. What fails
 * is tried again with growing pauses, for some minutes; 32 wait at most, then
 * the oldest is given up. The URL may hold a secret and is never logged. Lives
 * on one actor: all functions there, but for free. */
#include "src/base/actor.h"
#include "src/base/log.h"
#include "src/model/view.h"
#include "src/net/net.h"

struct alarm_post;

/* What is to be done after a try: 0: it has arrived; > 0: the pause until the
 * next, in ms; -1: it is given up. status 0: nobody answered. tries: so far. */
int64_t alarm_post_decide(int status, unsigned tries);

struct alarm_post *alarm_post_new(struct actor *on, const struct log *log, struct net *net,
	const char *url);
void alarm_post_send(struct alarm_post *p, const struct alarm_notice *n);
/* Sends nothing more; its last reply comes from the net's end. */
void alarm_post_stop(struct alarm_post *p); /* NULL ok */
/* When the actor has ended. */
void alarm_post_free(struct alarm_post *p); /* NULL ok */
#endif
