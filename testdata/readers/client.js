// Connects to a server of this machine for each line of its input, and says in a line what came of it. The
// line has the port, the name that the server is to have, and the PEM file to trust, empty for what Node
// trusts already.
const {connect} = require('tls');
const {readFileSync} = require('fs');

const visit = ([port, servername, ca]) => new Promise(done => {
	const socket = connect({host: '127.0.0.1', port, servername, ca: ca ? readFileSync(ca) : undefined}, () => {
		done(socket.authorized ? 'ok' : 'unauthorized');
		socket.destroy();
	}).on('error', e => done(e.code));
});

(async () => {
	for (const line of readFileSync(0, 'utf8').trimEnd().split('\n')) {
		console.log(await visit(line.split('\t')));
	}
})();
