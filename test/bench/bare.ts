/** The floor: Express and Socket.IO alone, bundled as the daemon is, serving the same kiosk page. PAGES and PORT are its arguments. */
import { createServer } from 'node:http';
import express from 'express';
import { Server } from 'socket.io';

const [pages = '', port = '0'] = process.argv.slice(2);
const app = express();
app.use(express.static(pages));
const server = createServer(app);
const io = new Server(server, { serveClient: false, transports: ['websocket'] });
io.on('connection', (socket) => {
  socket.emit('snapshot', {});
});
server.listen(Number(port), '127.0.0.1');
