// `node --import far-away.mjs`, with LECTERN_FAR_MS: whoever this process calls on this machine is that far away. What it
// sends arrives so much later, so every question that waits for its answer costs one round trip, as between two regions.
import { Socket } from "node:net";

const ms = Number(process.env.LECTERN_FAR_MS);
const later = (work) => setTimeout(work, ms);

const { connect } = Socket.prototype;
Socket.prototype.connect = function far(...args) {
  // Of callers' own connections `connect` is never called here.
  const { _write: write, _writev: writev } = this;
  const sent = () => {};
  this._write = (chunk, encoding, done) => {
    later(() => this.destroyed || write.call(this, chunk, encoding, sent));
    done();
  };
  if (writev)
    this._writev = (chunks, done) => {
      later(() => this.destroyed || writev.call(this, chunks, sent));
      done();
    };
  return connect.apply(this, args);
};
