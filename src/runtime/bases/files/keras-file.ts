import { parseJson } from '../../../common/read-file.js';
import { checkTopology } from './check-topology.js';
import { layersGroup } from '../keras/weights.js';
import { damagedH5 } from './h5-file.js';
import { readHdf5 } from './hdf5/read.js';
import { countValues, type Hdf5Group } from './hdf5/types.js';
import { GraftError } from '../../../common/errors.js';
import { damaged, namesInZip, readZip } from './zip-file.js';

interface KerasModel {
  readonly config: object;
  /** Of the Keras that wrote it. */
  readonly version: unknown;
  /** The group that holds those of the model's layers. */
  readonly weights: Hdf5Group;
  /** Numbers that it holds in all. */
  readonly values: number;
}

const [configName, weightsName, metadataName] = ['config.json', 'model.weights.h5', 'metadata.json'];

/** Models that are passed on in archives; what cannot be a base is refused once it is unpacked. */
const modelName = /(^|\/)model\.json$|(^|\/)saved_model\.pb$|\.(h5|hdf5|keras|tflite|onnx)$/;

/**
 * Reads a Keras 3 `.keras` file: a zip of config.json, metadata.json and model.weights.h5.
 *
 * @throws GraftError when it is not one, is damaged, or unpacks to more than such a file can.
 */
export async function readKeras(file: string): Promise<KerasModel> {
  const entries = await readZip(file, [configName, weightsName, metadataName]);
  const [configText, weights] = [entries.get(configName), entries.get(weightsName)];
  if (configText === undefined && weights === undefined) {
    const packed = (await namesInZip(file)).find((name) => modelName.test(name));
    if (packed !== undefined)
      throw new GraftError(`${file} is an archive with ${packed} in it.`, {
        action: 'Unpack it, and give what is in it.',
      });
  }
  if (configText === undefined || weights === undefined)
    throw damaged(file, `${configText === undefined ? configName : weightsName} is missing in it`);
  const config = parseJson(configText.toString('utf8'), `${configName} of ${file}`);
  checkTopology(config, file);
  const opened = await readHdf5(file, weights);
  const root = layersGroup(opened);
  if (root === undefined) throw damagedH5(file, `${weightsName} in it has no group "layers"`);
  const metadata = entries.get(metadataName);
  const { keras_version: version } = (
    metadata === undefined ? {} : parseJson(metadata.toString('utf8'), `${metadataName} of ${file}`)
  ) as { keras_version?: unknown };
  return { config: config as object, version, weights: root, values: countValues(root) };
}
