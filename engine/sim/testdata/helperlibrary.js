// A TwiML application and a REST client as a Node developer writes them, with the
// official helper library. It exits with an error as soon as something is not as
// Twilio would do it. Its environment says where the simulator is.
const assert = require("node:assert");
const http = require("node:http");
const twilio = require("twilio");

const { SIM_URL, SIM_ACCOUNT, SIM_TOKEN, OURS, SECOND, BOB, CAROL } = process.env;
const { VoiceResponse } = twilio.twiml;

const client = twilio(SIM_ACCOUNT, SIM_TOKEN);
client.api.baseUrl = SIM_URL;
client.taskrouter.baseUrl = SIM_URL;

// The application: each path is a function of the request's fields.
const pages = {
  "/hello": () => { const r = new VoiceResponse(); r.say("Hello from Node"); r.pause({ length: 600 }); return r; },
  "/queue": () => { const r = new VoiceResponse(); r.enqueue({ waitUrl: "/wait" }, "support"); return r; },
  "/wait": () => { const r = new VoiceResponse(); r.play("/music.mp3"); return r; },
  "/menu": () => { const r = new VoiceResponse(); r.gather({ numDigits: 1, action: "/picked" }).say("Press one"); return r; },
  "/picked": (p) => { const r = new VoiceResponse(); r.say("You pressed " + p.Digits); r.hangup(); return r; },
  "/bye": () => { const r = new VoiceResponse(); r.say("Goodbye"); r.hangup(); return r; },
};
const seen = []; // requests to the application
const waiters = [];

const app = http.createServer((req, res) => {
  let body = "";
  req.on("data", (d) => { body += d; });
  req.on("end", () => {
    const url = new URL(req.url, base());
    const params = Object.fromEntries(new URLSearchParams(body));
    assert(twilio.validateRequest(SIM_TOKEN, req.headers["x-twilio-signature"], base() + req.url, params), "signature of " + req.url);
    seen.push({ path: url.pathname, params });
    waiters.forEach((check) => check());
    const page = pages[url.pathname];
    res.writeHead(page ? 200 : 204, { "Content-Type": "text/xml" });
    res.end(page ? page(params).toString() : "");
  });
});
const base = () => "http://127.0.0.1:" + app.address().port;

// request waits for a request to a path with those fields.
const request = (path, fields = {}) => new Promise((resolve) => {
  const check = () => {
    const found = seen.find((s) => s.path === path && Object.entries(fields).every(([k, v]) => s.params[k] === v));
    if (found) resolve(found.params);
  };
  waiters.push(check);
  check();
});

// until asks again until the answer is as wanted.
const until = async (ask, good) => {
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const refused = (promise, status, code) => assert.rejects(promise, (e) => e.status === status && e.code === code && e.moreInfo.includes(String(code)));

const scenes = {
  async calls() {
    const call = await client.calls.create({ to: BOB, from: OURS, url: base() + "/hello",
      statusCallback: base() + "/status", statusCallbackEvent: ["initiated", "ringing", "answered", "completed"] });
    assert.match(call.sid, /^CA[0-9a-f]{32}$/);
    assert.equal(call.status, "queued");
    assert(call.dateCreated instanceof Date);
    await request("/hello", { CallSid: call.sid });
    const live = await client.calls(call.sid).fetch();
    assert.equal(live.status, "in-progress");
    assert.equal(live.direction, "outbound-api");
    assert.equal(live.duration, null);

    const stream = await client.calls(call.sid).streams.create({ url: "ws://127.0.0.1:1/audio", name: "s" });
    assert.equal((await client.calls(call.sid).streams(stream.sid).update({ status: "stopped" })).status, "stopped");
    const text = await client.calls(call.sid).transcriptions.create({ statusCallbackUrl: base() + "/text", track: "both_tracks" });
    await request("/text", { TranscriptionEvent: "transcription-started", TranscriptionSid: text.sid });
    const pay = await client.calls(call.sid).payments.create({ idempotencyKey: "1", statusCallback: base() + "/pay", chargeAmount: 12.5 });
    await request("/pay", { Sid: pay.sid, PartialResult: "true" });
    await client.calls(call.sid).payments(pay.sid).update({ idempotencyKey: "2", statusCallback: base() + "/pay", status: "cancel" });

    const rec = await client.calls(call.sid).recordings.create({ recordingChannels: "dual" });
    assert.equal(rec.channels, 2);
    assert.equal((await client.calls(call.sid).recordings("Twilio.CURRENT").update({ status: "paused" })).status, "paused");

    await client.calls(call.sid).update({ twiml: new VoiceResponse().say("Moved").toString() });
    const done = await request("/status", { CallSid: call.sid, CallStatus: "completed" });
    assert.equal(done.CallbackSource, "call-progress-events");
    const over = await until(() => client.calls(call.sid).fetch(), (c) => c.price !== null || c.duration === "0");
    assert.equal(over.status, "completed");
    assert(over.endTime instanceof Date);
    await refused(client.calls(call.sid).update({ status: "completed" }), 400, 21220);
    assert((await client.calls(call.sid).events.list()).length > 0);
    await client.calls(call.sid).remove();
    await refused(client.calls(call.sid).fetch(), 404, 20404);
  },

  async errors() {
    await refused(client.calls.create({ to: "12", from: OURS, url: base() + "/hello" }), 400, 21211);
    await refused(client.calls.create({ to: BOB, from: CAROL, url: base() + "/hello" }), 400, 21210);
    await refused(client.calls.create({ to: BOB, from: OURS, url: "nowhere" }), 400, 21205);
    const wrong = twilio(SIM_ACCOUNT, "wrong");
    wrong.api.baseUrl = SIM_URL;
    await refused(wrong.calls.list(), 401, 20003);
    const key = await client.newKeys.create({ friendlyName: "laptop" });
    const keyed = twilio(key.sid, key.secret, { accountSid: SIM_ACCOUNT });
    keyed.api.baseUrl = SIM_URL;
    assert.equal((await keyed.api.v2010.accounts(SIM_ACCOUNT).fetch()).sid, SIM_ACCOUNT);
  },

  async gather() {
    const call = await client.calls.create({ to: BOB, from: OURS, url: base() + "/menu", method: "POST" });
    await request("/picked", { CallSid: call.sid, Digits: "1" });
    await until(() => client.calls(call.sid).fetch(), (c) => c.status === "completed");
  },

  async paging() {
    for (let i = 0; i < 5; i++) {
      await client.calls.create({ to: CAROL, from: OURS, url: base() + "/bye" });
    }
    assert.equal((await client.calls.list({ to: CAROL, pageSize: 2 })).length, 5);
    assert.equal((await client.calls.list({ to: CAROL, pageSize: 2, limit: 3 })).length, 3);
    const page = await client.calls.page({ to: CAROL, pageSize: 2 });
    const second = await page.nextPage();
    const third = await second.nextPage();
    assert.equal(third.instances.length, 1);
    assert.equal(await third.nextPage(), undefined);
    assert.equal((await third.previousPage()).instances.length, 2);
    await until(() => client.calls.list({ to: CAROL, status: "completed", startTimeAfter: new Date(Date.now() - 86400000) }), (l) => l.length === 5);
  },

  async conferences() {
    const first = await client.conferences("room").participants.create({ from: OURS, to: BOB, label: "bob", endConferenceOnExit: true,
      conferenceStatusCallback: base() + "/conf", conferenceStatusCallbackEvent: ["start", "end", "join", "leave", "mute", "hold"] });
    assert.equal(first.status, "queued");
    await client.conferences("room").participants.create({ from: OURS, to: CAROL, label: "carol" });
    await request("/conf", { StatusCallbackEvent: "conference-start" });
    const [room] = await client.conferences.list({ friendlyName: "room", status: "in-progress" });
    assert.equal(room.sid, first.conferenceSid);
    const people = await client.conferences(room.sid).participants.list();
    assert.deepEqual(people.map((p) => p.label).sort(), ["bob", "carol"]);
    assert.equal((await client.conferences(room.sid).participants("carol").update({ muted: true })).muted, true);
    await client.conferences(room.sid).participants("carol").update({ hold: true, holdUrl: base() + "/wait", holdMethod: "POST" });
    await request("/wait", { CallSid: people.find((p) => p.label === "carol").callSid });
    await client.conferences(room.sid).update({ announceUrl: base() + "/bye" });
    await client.conferences(room.sid).participants("bob").remove();
    const end = await request("/conf", { StatusCallbackEvent: "conference-end" });
    assert.equal(end.ReasonConferenceEnded, "participant-with-end-conference-on-exit-kicked");
    assert.equal((await client.conferences(room.sid).fetch()).status, "completed");
  },

  async queues() {
    const queue = await client.queues.create({ friendlyName: "support", maxSize: 5 });
    const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: SECOND });
    const app = await client.applications.create({ friendlyName: "support", voiceUrl: base() + "/queue" });
    const changed = await client.incomingPhoneNumbers(number.sid).update({ voiceApplicationSid: app.sid });
    assert.equal(changed.voiceApplicationSid, app.sid);
    await client.calls.create({ to: SECOND, from: OURS, url: base() + "/hello" });
    const [member] = await until(() => client.queues(queue.sid).members.list(), (l) => l.length === 1);
    assert.equal(member.position, 1);
    assert.equal((await client.queues(queue.sid).fetch()).currentSize, 1);
    await client.queues(queue.sid).members("Front").update({ url: base() + "/bye" });
    await request("/bye", { CallSid: member.callSid });
    await until(() => client.queues(queue.sid).fetch(), (q) => q.currentSize === 0);
    assert.equal(await client.queues(queue.sid).remove(), true);
  },

  async recordings() {
    const call = await client.calls.create({ to: BOB, from: OURS, url: base() + "/hello", record: true,
      recordingStatusCallback: base() + "/recorded", recordingStatusCallbackEvent: ["completed"] });
    await request("/hello", { CallSid: call.sid });
    await until(() => client.calls(call.sid).recordings.list(), (l) => l.length === 1 && Date.now() - l[0].startTime > 2000);
    await client.calls(call.sid).update({ status: "completed" });
    const done = await request("/recorded", { CallSid: call.sid });
    const rec = await client.recordings(done.RecordingSid).fetch();
    assert.equal(rec.source, "OutboundAPI");
    const wav = await fetch(`${SIM_URL}/2010-04-01/Accounts/${SIM_ACCOUNT}/Recordings/${rec.sid}.wav`);
    assert.equal(Buffer.from(await wav.arrayBuffer()).subarray(0, 4).toString(), "RIFF");
    assert.equal((await client.recordings.list({ callSid: call.sid })).length, 1);
    await client.recordings(rec.sid).remove();
    await refused(client.recordings(rec.sid).fetch(), 404, 20404);
  },

  async taskrouter() {
    const desk = client.taskrouter.v1;
    const made = await desk.workspaces.create({ friendlyName: "Desk", template: "FIFO", eventCallbackUrl: base() + "/events" });
    const team = desk.workspaces(made.sid);
    const queue = await team.taskQueues.create({ friendlyName: "English", targetWorkers: "languages HAS 'en'" });
    const flow = await team.workflows.create({ friendlyName: "Main", assignmentCallbackUrl: base() + "/assign",
      configuration: JSON.stringify({ task_routing: { filters: [], default_filter: { queue: queue.sid } } }) });
    const [free] = await team.activities.list({ available: "true" });
    const worker = await team.workers.create({ friendlyName: "ann", activitySid: free.sid, attributes: JSON.stringify({ languages: ["en"], contact_uri: BOB }) });
    const task = await team.tasks.create({ workflowSid: flow.sid, attributes: JSON.stringify({ type: "support" }) });
    const asked = await request("/assign", { TaskSid: task.sid, WorkerSid: worker.sid });
    const reservation = await team.tasks(task.sid).reservations(asked.ReservationSid).update({ reservationStatus: "accepted" });
    assert.equal(reservation.workerName, "ann");
    assert.equal((await team.tasks(task.sid).fetch()).assignmentStatus, "assigned");
    await request("/events", { EventType: "reservation.accepted", TaskSid: task.sid });
    await team.tasks(task.sid).update({ assignmentStatus: "completed", reason: "done" });
    for (let i = 0; i < 4; i++) {
      await team.workers.create({ friendlyName: "worker " + i });
    }
    assert.equal((await team.workers.list({ pageSize: 2 })).length, 5);
    assert((await team.events.list({ eventType: "task.completed" })).length === 1);
    await refused(team.tasks("WT00000000000000000000000000000000").fetch(), 404, 20404);
    await team.remove();
  },

  async messages() {
    const sent = await client.messages.create({ to: BOB, from: OURS, body: "Hi", statusCallback: base() + "/sms" });
    await request("/sms", { MessageSid: sent.sid, MessageStatus: "delivered" });
    assert.equal((await client.messages(sent.sid).fetch()).status, "delivered");
    assert.equal((await client.messages.list({ to: BOB })).length, 1);
    await refused(client.messages.create({ to: BOB, from: OURS }), 400, 21602);
    await client.messages(sent.sid).remove();
  },
};

app.listen(0, "127.0.0.1", async () => {
  for (const name of Object.keys(scenes)) {
    try {
      await scenes[name]();
      console.log("ok", name);
    } catch (e) {
      console.log("FAIL", name, e);
      console.log(seen.slice(-5));
      process.exit(1);
    }
  }
  process.exit(0);
});
