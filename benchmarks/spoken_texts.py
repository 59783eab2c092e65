"""Two minutes of text in each language, written for the benchmarks: full of m, b and p, with feelings before some sentences."""

from __future__ import annotations

ENGLISH = """\
Good morning, and welcome to Maple Bay. My name is Amber, and I am happy to be your guide.

*joy* What a beautiful morning it is! *joy* The sun is up, the boats are moving, and somebody is playing a trumpet by the pump.
Before we begin, please put your maps and bottles into the blue bag.
Our map shows five places: the bridge, the mill, the baker's shop, the harbour, and my favourite, the museum of music.

*surprise* Look up there! *surprise* A balloon is coming over the mountain, and it is bigger than a bus!
It belongs to Mr. Robert Palmer, who built it from maps, pumps and about fifty umbrellas.
He climbs into it every Monday at 8:30, with a pot of jam and a pipe.

*sad* But I must tell you about the poor mill. *sad* In 1954 a storm broke its beams, and nobody has ground barley there since.
The miller's mother moved to Boston, and the big wheel became a home for bats.
People here remember him as a humble man, who gave bread to everybody.

*anger* And then somebody painted the bridge purple! *anger* Nobody had permission, nobody paid, and nobody cleaned up the mess.
The problem, of course, was simple: the brush was bought, the paint was open, and the mayor was at the beach.
He promised to pay 250 pounds, but so far we have seen maybe 12.

Now we come to the baker's shop. Mrs. Bloom bakes apple pie, plum bread, and small brown biscuits with pepper.
Remember to buy one before the bell rings, because by noon the boxes are empty.

*joy* My baby brother can eat ten of them! *joy* He begins with the biggest, and he never stops before the last crumb.

In the harbour you may climb aboard the Mermaid, a steamboat that brought lambs, lamps and lumber from Bombay.
Her pumps still work, her bell is polished, and a member of the club will be pleased to show you the map room.
Bring a warm jumper, since the wind blows from the bay, and mind the ropes, the bumps, and the puppy.

The museum is open from half past two. Its oldest bell was made in Bremen, and its newest drum came from Brazil.
Please do not bump into the harps.
*sad* My grandfather played the big one, and I miss him very much.

*joy* So come along, bring your umbrellas, and let us hum a merry tune as we march!
"""

SPANISH = """\
Buenos días, y bienvenidos a mi pueblo. Me llamo Amparo, y hoy voy a ser su guía.

*joy* ¡Qué mañana más bonita! *joy* El sol brilla, los barcos se mueven, y alguien toca la trompeta bajo el puente.
Antes de empezar, pongan por favor sus mapas y sus botellas en la bolsa blanca.
Nuestro mapa muestra cinco lugares: el puente, el molino, la panadería, el puerto, y mi favorito, el museo de la música.

*surprise* ¡Miren arriba! *surprise* ¡Un globo viene por encima de la montaña, y es más grande que un autobús!
Pertenece a un amigo de mi padre, que lo hizo con mapas, bombas y muchos paraguas.
Sube cada lunes por la mañana, con un bote de mermelada y una pipa.

*sad* Pero tengo que hablarles del pobre molino. *sad* Una tempestad rompió sus palas, y nadie ha molido trigo desde entonces.
La madre del molinero se mudó a Bilbao, y la rueda se volvió un hogar para los murciélagos.
La gente lo recuerda como un hombre humilde, que daba pan a todo el mundo.

*anger* ¡Y después alguien pintó el puente de púrpura! *anger* Nadie tenía permiso, nadie pagó, y nadie limpió la basura.
El problema era simple: el bote estaba abierto, y el alcalde estaba en la playa.

Ahora llegamos a la panadería. Ana prepara empanadas, bizcochos y pequeños bollos con pimienta.
Compren uno antes de que suene la campana, porque al mediodía las bandejas están vacías.

*joy* ¡Mi hermano pequeño puede comer diez! *joy* Empieza por el más grande, y nunca para antes de la última miga.

En el puerto pueden subir a bordo de un barco de vapor que traía lámparas, ropa y madera de Cuba.
Sus bombas todavía trabajan, y un miembro del club les mostrará el camarote de los mapas.
Traigan ropa de abrigo, porque el viento sopla desde el mar, y cuidado con las cuerdas y con el perro.

El museo abre por la tarde. Su campana más vieja vino de Bremen, y su tambor más nuevo vino de Brasil.
*sad* Mi abuelo tocaba el arpa más grande, y lo extraño mucho.

*joy* ¡Vamos, traigan sus paraguas, y cantemos una bonita melodía mientras caminamos!
"""
