// `node --import far-away.mjs` delays everything this process sends on this machine by LECTERN_FAR_MS, so that every
// call costs a round trip as between two regions.
import { Socket } from "node:net";

const ms = Number(process.env.LECTERN_FAR_MS);
const later = (work) => setTimeout(work, ms);

const { connect } = Socket.prototype;
Socket.prototype.connect = function far(...args) {
  // Incoming connections never call `connect`, so they stay fast.
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
