/**
 * Names as a UK school roll has them: families of many origins, each with forenames and surnames that go together.
 * Surnames that differ for girls and boys (Kowalska, Kowalski) are left out, so that any pair is plausible.
 */
export interface NameFamily {
  /** How often it is drawn, against the other families. */
  readonly weight: number;
  readonly girls: readonly string[];
  readonly boys: readonly string[];
  readonly surnames: readonly string[];
}

function family(weight: number, girls: string, boys: string, surnames: string): NameFamily {
  const split = (names: string): readonly string[] => names.split(', ');
  return { weight, girls: split(girls), boys: split(boys), surnames: split(surnames) };
}

export const nameFamilies: readonly NameFamily[] = [
  family(
    34,
    'Olivia, Amelia, Isla, Ava, Lily, Freya, Florence, Willow, Ivy, Poppy, Evie, Daisy, Grace, Ella, Phoebe, Matilda, Charlotte, Ruby, Harriet, Beatrice, Chloë, Zoë, Imogen, Martha, Jess, Ellie-Mae, Mary-Kate, Georgia, Bethany, Lucy, Hannah, Alice, Rosie, Megan, Eleanor, Abigail',
    'Oliver, George, Arthur, Noah, Leo, Harry, Archie, Jack, Henry, Charlie, Freddie, Theo, Alfie, Finley, Albie, Louie, Jude, Toby, Reuben, Ralph, Jacob, Samuel, Ben, Thomas, William, Joshua, Daniel, Max, Lewis, Ryan, Callum, Tommy-Lee, Dexter, Elliot, Zac, Nathaniel',
    "Smith, Jones, Taylor, Brown, Wilson, Walker, Wright, Thompson, Robinson, Hall, Green, Clarke, Hughes, Edwards, Baker, Turner, Cooper, Ward, Hill, Moore, Parker, Bennett, Shaw, Ellis, Webb, Marsh, Holmes, Barker, D'Arcy, Smith-Jones, Featherstonehaugh, Whitworth, Ashcroft, Pickering, Longbottom, Hargreaves, Thackeray, Sutcliffe, Ramsbottom, Birtwistle",
  ),
  family(
    5,
    'Eilidh, Ailsa, Kirsty, Mhairi, Skye, Catriona, Morag, Iona',
    'Hamish, Fraser, Angus, Struan, Ruaridh, Cameron, Gregor, Murray',
    'MacDonald, McKenzie, Campbell, Robertson, MacLeod, Sinclair, Drummond, Galbraith',
  ),
  family(
    5,
    'Cerys, Siân, Ffion, Nia, Carys, Lowri, Mêgan, Eleri',
    'Rhys, Owain, Gethin, Iwan, Dafydd, Llŷr, Siôn, Emyr',
    'Davies, Evans, Griffiths, Llewellyn, Pritchard, Prosser, Bevan, Gwynne',
  ),
  family(
    5,
    'Aoife, Niamh, Saoirse, Caoimhe, Róisín, Sinéad, Áine, Orla',
    'Oisín, Cillian, Seán, Ruairí, Darragh, Fionn, Pádraig, Eoin',
    "O'Brien, O'Sullivan, Murphy, Byrne, Kelly, Ní Dhomhnaill, O'Connor, Gallagher",
  ),
  family(
    9,
    'Aisha, Fatima, Zainab, Maryam, Hafsa, Sana, Iqra, Noor, Alisha, Mahnoor',
    'Muhammad, Mohammed, Ibrahim, Yusuf, Hamza, Bilal, Zayn, Ayaan, Haris, Mustafa',
    'Khan, Ahmed, Hussain, Malik, Iqbal, Mahmood, Butt, Qureshi, Chaudhry, Mirza, Rehman',
  ),
  family(
    5,
    'Nusrat, Tahmina, Sumaiya, Anika, Rukhsana, Labiba, Tanisha',
    'Rahim, Tanvir, Sakib, Imran, Nahid, Arif, Shafi',
    'Begum, Miah, Uddin, Rahman, Islam, Choudhury, Khatun, Haque, Sarkar',
  ),
  family(
    7,
    'Priya, Ananya, Diya, Kavya, Simran, Jasleen, Meera, Aarti, Riya, Harleen',
    'Arjun, Rohan, Aarav, Vivaan, Gurpreet, Jaspal, Dev, Kiran, Ishaan, Harjit',
    'Patel, Singh, Shah, Kaur, Sharma, Gill, Desai, Sandhu, Mehta, Dhaliwal, Gupta, Reddy',
  ),
  family(
    2,
    'Tharani, Abirami, Nila, Kavitha',
    'Kavin, Pranav, Saravanan, Arun',
    'Sivakumar, Balasubramaniam, Nadarajah, Thirunavukkarasu, Rajaratnam',
  ),
  family(
    7,
    'Chidinma, Temitọpẹ, Adaeze, Ayọ̀bámi, Ama, Efua, Folake, Zainabu, Ngozi, Abena',
    'Chukwuemeka, Olúwaṣeun, Kwame, Kofi, Tobi, Emeka, Ikenna, Yaw, Babatunde, Kelechi',
    'Okafor, Adeyemi, Mensah, Owusu, Okonkwo, Balogun, Boateng, Eze, Adébáyọ̀, Asante, Nwosu',
  ),
  family(
    3,
    'Hodan, Ayaan, Ifrah, Sahra, Hibaq, Ubah',
    'Abdirahman, Liban, Guled, Ayub, Mahad, Cabdi',
    'Abdi, Warsame, Farah, Jama, Hersi, Osman, Nur',
  ),
  family(
    4,
    'Shanice, Aaliyah, Kezia, Jada, Tiana, Renée',
    'Jermaine, Tyrell, Malachi, Tre, Marlon, Kadeem',
    'Campbell-Grant, Francis, Bailey, Joseph, Gordon, St Hill, Charles, Pinnock',
  ),
  family(
    5,
    'Zofia, Julia, Maja, Oliwia, Małgorzata, Zuzanna',
    'Jakub, Kacper, Filip, Łukasz, Michał, Wojciech',
    'Nowak, Wójcik, Mazur, Żak, Woźniak, Krawczyk, Zając, Pawlak, Dąbek, Gołąb',
  ),
  family(
    3,
    'Andreea, Ioana, Mădălina, Ștefania',
    'Andrei, Ștefan, Răzvan, Mihai',
    'Popescu, Ionescu, Rădulescu, Țurcanu, Munteanu',
  ),
  family(
    2,
    'Olena, Daryna, Solomiya, Kateryna',
    'Danylo, Bohdan, Taras, Mykola',
    'Shevchenko, Bondarenko, Kovalenko, Tkachenko, Lysenko',
  ),
  family(
    3,
    'Beatriz, Inês, Conceição, Mariana, Lucía, Begoña',
    'João, Tomás, Gonçalo, Iñaki, Joaquín, Martín',
    'da Silva, Gonçalves, Ferreira dos Santos, Muñoz, de la Fuente, Araújo, Ibáñez',
  ),
  family(
    3,
    'Mei, Xin Yi, Tsz Ching, Ying, Wing-Yan, Jiayi',
    'Hao, Ka Ho, Jun, Chun-Hei, Zhiwei, Tsz Hin',
    'Wong, Chan, Li, Cheung, Ng, Zhang, Leung, Ho',
  ),
  family(2, 'Linh, Thảo, Ngọc', 'Minh, Đức, Khôi', 'Nguyễn, Trần, Lê, Phạm'),
  family(2, 'Elif, Ayşe, Zeynep', 'Emre, Çağrı, Oğuz', 'Yılmaz, Demir, Şahin, Özdemir, Çelik'),
  family(2, 'Layla, Rania, Yara', 'Omar, Khalid, Ziad', 'Haddad, Al-Masri, Khoury, El-Sayed, Nasser'),
  family(1, 'Noa, Talia, Shira', 'Eitan, Asher, Yoni', 'Cohen, Levy, Goldberg, Mizrahi'),
  family(1, 'Marie-Claire, Océane', 'Loïc, Jean-Baptiste', 'Nkemdirim, Mbarga, Lefèvre, N’Diaye'),
];

/** Preferred forenames kept by the MIS in the pupil's own script, with the legal forename in Latin letters. */
export const ownScriptNames: readonly {
  readonly forename: string;
  readonly legal: string;
  readonly surname: string;
}[] = [
  { forename: 'ليلى', legal: 'Layla', surname: 'Haddad' },
  { forename: 'یاسمین', legal: 'Yasmin', surname: 'Karimi' },
  { forename: '小明', legal: 'Siu Ming', surname: 'Cheung' },
  { forename: 'さくら', legal: 'Sakura', surname: 'Tanaka' },
  { forename: '지우', legal: 'Ji-woo', surname: 'Park' },
  { forename: 'অনন্যা', legal: 'Ananya', surname: 'Chowdhury' },
  { forename: 'ਜਸਪ੍ਰੀਤ', legal: 'Jaspreet', surname: 'Dhillon' },
  { forename: 'मीरा', legal: 'Meera', surname: 'Joshi' },
  { forename: 'தமிழ்', legal: 'Tamizh', surname: 'Nadarajah' },
  { forename: 'Олена', legal: 'Olena', surname: 'Шевченко' },
  { forename: 'נועה', legal: 'Noa', surname: 'Mizrahi' },
  { forename: 'Δήμητρα', legal: 'Dimitra', surname: 'Georgiou' },
  { forename: 'ሰላም', legal: 'Selam', surname: 'Tesfaye' },
  { forename: 'อรุณ', legal: 'Arun', surname: 'Suwan' },
];
